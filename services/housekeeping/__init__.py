"""Housekeeping: tasks that are due by the clock."""
