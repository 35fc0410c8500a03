"""Queued mail, and what became of it."""
