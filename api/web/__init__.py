"""Pages for browsers, checks of host names and proxies, and response headers."""
