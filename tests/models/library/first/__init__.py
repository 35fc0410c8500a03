"""The migrations of the library at the time when there was only one."""
