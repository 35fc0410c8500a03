"""Portals, their policy and their licenses, as the schema shows them."""
