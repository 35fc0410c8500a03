"""Types of portals, their policy and their licenses."""
