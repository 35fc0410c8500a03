"""The bulk engine: selection, decisions, writes, results."""
