"""Accounts and signing in: attempts, lockout, passwords, sessions, second factors."""
