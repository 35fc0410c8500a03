"""Invitations, the acceptance of invitations, and registration."""
