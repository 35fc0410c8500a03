"""Migrations, in their order; `make migration` writes the next one."""
