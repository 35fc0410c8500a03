"""How one request's resolvers share their reads."""
