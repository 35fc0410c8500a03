"""Accounts, sessions and MSSP staff, as the schema shows them."""
