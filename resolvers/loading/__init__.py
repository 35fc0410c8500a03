"""Combine and share the database reads of the resolvers of one request."""
