"""Keys, tokens, encryption and password hashing."""
