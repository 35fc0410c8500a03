"""Rules of an MSSP's administration: tags of portals, staff and their assignments."""
