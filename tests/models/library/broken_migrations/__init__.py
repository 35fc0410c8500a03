"""A history that cannot be followed to its end."""
