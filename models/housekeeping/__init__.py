"""Housekeeping: users and rows that are due, and the lease of the process that does the work."""
