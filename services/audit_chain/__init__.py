"""Check the hash chains of the audit log, and sign checkpoints of them."""
