"""Values and functions that several packages of api/ share. Every package of api/ is allowed to import this package."""
