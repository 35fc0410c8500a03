"""The benchmark of a real server, which `make bench` runs."""
