"""GraphQL: the queries, mutations and types of the schema. Resolvers read from models and write through services."""
