"""Select users of a list: conditions, totals by counters, and searches by an index."""
