"""Hash chains of the audit log: the end of each chain, new events, events to check, and signed checkpoints."""
