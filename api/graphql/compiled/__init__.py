"""Compile GraphQL operations into Python functions that call the resolvers and write the response.

An operation is compiled when a request first needs it. The compiled operation then answers all requests with the same
document, faster than graphql-core. If it cannot answer a request, graphql-core executes the operation (the fallback).
"""
