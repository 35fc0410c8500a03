"""The number of rows that each statement reads. `test_rows_read.py` limits it, and `make rows-read` prints it."""
