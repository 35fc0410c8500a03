"""A small schema with its own migrations, on which the migration code is tested."""
