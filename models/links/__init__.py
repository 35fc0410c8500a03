"""Links, codes and sign-in steps. Each of them can be used once, for one purpose. Only hashes of tokens are stored."""
