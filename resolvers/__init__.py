"""GraphQL: queries, mutations and types, which translate between the schema and services."""
