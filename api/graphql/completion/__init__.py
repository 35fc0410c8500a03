"""Lists of objects, completed faster than graphql-core does it."""
