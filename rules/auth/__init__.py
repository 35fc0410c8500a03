"""Rules of signing in: passwords, codes, lockouts and rate limits."""
