"""The terminal output of commands, and the password prompt."""
