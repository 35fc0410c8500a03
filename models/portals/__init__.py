"""Portals: the table, lookups, the reach of actors, and the counters of users."""
