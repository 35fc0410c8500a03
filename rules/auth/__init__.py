"""Who may sign in: passwords, locks, rate limits and codes."""
