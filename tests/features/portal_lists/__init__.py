"""Lists of portals: their filters and orders."""
