"""Portals: the table, who reaches one, and the counters of its users."""
