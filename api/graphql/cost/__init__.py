"""The limits of one GraphQL request, and the calculation of its cost."""
