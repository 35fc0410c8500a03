"""Reads that the resolvers of one request share."""
