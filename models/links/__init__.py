"""Links, codes and sign-in steps. Each link can be used once, for one purpose. Only hashes of tokens are stored."""
