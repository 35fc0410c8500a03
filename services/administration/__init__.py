"""Administration of an MSSP: its staff, portals, license packages and policies. Each write is one transaction."""
