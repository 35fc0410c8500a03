"""Print how schema.graphql has changed since another commit: `make schema-diff`."""
