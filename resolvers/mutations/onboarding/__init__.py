"""What invitees do: accept an invitation, or register."""
