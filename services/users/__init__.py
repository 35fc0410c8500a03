"""Editing one user, and changing one's own e-mail address."""
