"""Types of accounts, sessions and MSSP staff."""
