"""Grants: the catalogue of what each portal can grant, and the grants that its users hold."""
