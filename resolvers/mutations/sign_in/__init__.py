"""Mutations that open, refresh and end sessions."""
