"""Compile GraphQL operations into Python functions that call the resolvers and write the response.

Each operation of a document is compiled once, and its functions then answer all requests with this document. They do
this faster than graphql-core. If they cannot answer a request, graphql-core executes the operation (the fallback).
"""
