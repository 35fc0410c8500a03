"""The operator's commands: create providers, load demo data, check counters, rotate keys, reset second factors."""
