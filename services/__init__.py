"""What happens: every write, one transaction of check, change, audit, enqueue."""
