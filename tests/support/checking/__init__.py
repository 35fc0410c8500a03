"""Checks that every answer passes: the schema promises what an answer has."""
