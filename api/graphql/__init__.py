"""GraphQL over HTTP: the endpoint, parsing and validation of documents, execution, and errors."""
