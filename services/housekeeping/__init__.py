"""Housekeeping: tasks that run every hour, such as ending locks and deleting expired rows."""
