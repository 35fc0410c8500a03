"""Pages, callers and headers around the GraphQL endpoint."""
