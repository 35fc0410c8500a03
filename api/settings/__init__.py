"""Settings from environment variables: their types, their checks, and the report of `gatehouse config`."""
