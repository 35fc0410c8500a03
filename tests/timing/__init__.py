"""Measures that sign-ins which must not be told apart take the same time: a program, not a test."""
