"""Connections and HTTP/1.1: what each may cost, and how it ends."""
