"""What an operator does: set up, fill, check, and rotate keys."""
