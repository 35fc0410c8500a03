"""Signing in: accounts, attempts, lockout, sessions, second factors."""
