"""Queued mail, the worker that sends it, and a real mail server that can be told to misbehave."""
