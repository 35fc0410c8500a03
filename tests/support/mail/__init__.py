"""Queued mail, the worker that sends it, and a real mail server that tests can make misbehave."""
