"""The routes `/users/export` and `/users/import`, which send and receive CSV files of users without GraphQL."""
