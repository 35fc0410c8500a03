"""The business rules, as pure tables and functions. Standard library only; no I/O, no clock, no await."""
