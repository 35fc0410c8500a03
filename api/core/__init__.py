"""Values and functions that several packages of api/ share. Every package of api/ may import from here."""
