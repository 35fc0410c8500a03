"""A frontend made of the guide's snippets and the example operations, tested with real clients and code generators."""
