"""The bulk engine: it selects users, decides about each user, writes the changes and returns the results."""
