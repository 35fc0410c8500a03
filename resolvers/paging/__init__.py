"""Pagination of lists as specified by Relay: arguments, cursors and connections."""
