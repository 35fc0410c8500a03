"""All migrations of the library, an example database for the tests of migrations, up to its present tables."""
