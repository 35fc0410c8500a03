"""All migrations of the library, up to its present tables."""
