"""Rules of an MSSP's administration: tags of portals, license packages, staff and their assignments."""
