"""What may happen to a user: actions, transitions, decisions, seats and counters."""
