"""Messages of refusals: their parameters, and all faults of an input at once."""
