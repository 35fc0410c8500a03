"""Portal users: the table, lists, inserts and recounts."""
