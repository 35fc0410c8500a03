"""The object types of the schema."""

from resolvers import enums as enums  # declares the enums before a type uses one
