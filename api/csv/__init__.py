"""The routes `/users/export` and `/users/import`: CSV files of users, beside GraphQL."""
