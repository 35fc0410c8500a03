"""Keyset pagination: a page starts after the sort values of the previous page's last row, so no row repeats."""
