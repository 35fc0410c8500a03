"""GraphQL over HTTP: the endpoint, documents, execution, errors."""
