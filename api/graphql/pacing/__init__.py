"""Pacing of requests: time slices of the event loop, turns of heavy operations, and bounds of an operation."""
