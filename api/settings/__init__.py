"""Settings: read, checked and reported."""
