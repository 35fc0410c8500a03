"""Adaptations of Tortoise's database clients for PostgreSQL and SQLite."""
