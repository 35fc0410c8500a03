"""Compiled operations: each operation of a document becomes functions that run its resolvers and write its response."""
