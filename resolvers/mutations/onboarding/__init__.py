"""Mutations of invitees: accept an invitation, or register."""
