"""Compare, search and clean text."""
