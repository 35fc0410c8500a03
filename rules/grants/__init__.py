"""Rules of grants: the kinds of grantables, the bounds of catalogues, and the modules of new portals."""
