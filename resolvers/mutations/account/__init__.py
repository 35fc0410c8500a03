"""What the owner of an account does with it."""
