"""Portal users: the table, lookups, lists, inserts, changes and the recount of counters."""
