"""Keyset paging: a page is found by the values of the last row seen, so rows neither shift nor repeat between pages."""
