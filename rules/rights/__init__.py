"""The rights of each role on the schema's root fields: one table."""
