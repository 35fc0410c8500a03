"""Rules of the audit log: the hash chain of its events, and signed checkpoints of chains."""
