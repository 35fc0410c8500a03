"""Links, codes and steps of signing in: each gives one right, once. Only hashes of tokens are stored."""
