"""Relay's pagination: arguments, cursors and connections."""
