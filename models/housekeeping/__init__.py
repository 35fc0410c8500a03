"""Housekeeping: users who are due for a task, expired rows, and the lease of the process that does the work."""
