"""The library's history when it had but one migration."""
