"""What commands show and ask on a terminal."""
