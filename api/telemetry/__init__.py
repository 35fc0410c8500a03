"""Logs, metrics and the security log."""
