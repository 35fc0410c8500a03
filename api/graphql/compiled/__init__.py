"""Compile GraphQL operations into Python functions that answer requests faster than graphql-core.

An operation is compiled when a request first needs it. The compiled operation then answers all requests with the same
document. If it cannot answer a request, graphql-core executes the operation (the fallback).
"""
