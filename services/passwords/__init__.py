"""Passwords: checked, chosen, changed and reset."""
