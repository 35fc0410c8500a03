"""The rows that each statement reads: `test_rows_read.py` bounds them, `make bench` prints them on a large database."""
