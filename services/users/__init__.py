"""Edits of one user, and changes of e-mail addresses."""
