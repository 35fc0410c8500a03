"""Mutations that administer an MSSP: its portals, license packages, policies and staff."""
