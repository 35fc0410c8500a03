"""Mutations of one's own account: passwords, e-mail address and second factor."""
