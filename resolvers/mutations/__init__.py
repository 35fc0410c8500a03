"""The mutations of the schema, with their inputs and payloads."""
