"""A small schema with a history of its own, to test migrations with."""
