"""Grants: the catalogues of portals, and what their users may reach."""
