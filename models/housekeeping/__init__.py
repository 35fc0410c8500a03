"""What is due by the clock, and which process does it."""
