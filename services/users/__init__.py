"""Edits of one user, changes of e-mail addresses, and handovers of the role of an admin."""
