"""Changes of staff by MSSP admins: invitations, roles, assignments, sessions, passwords and second factors."""
