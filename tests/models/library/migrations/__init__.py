"""How the library came to its present tables."""
