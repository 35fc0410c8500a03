"""The migrations as they were before invitations could be accepted."""
