"""Changes of passwords by signed-in owners, and resets of forgotten passwords by a mailed link."""
