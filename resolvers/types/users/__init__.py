"""Types of portal users, their lists and their invitations."""
