"""Invitations, their acceptance, and registration."""
