"""The operator's commands: set up providers, load demo and benchmark data, check the database and rotate keys."""
