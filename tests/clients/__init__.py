"""A frontend's project, made of the guide's snippets and the example operations, with real clients and code generators."""
