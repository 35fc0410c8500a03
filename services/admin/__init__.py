"""The operator's commands: set up providers, load data, check the database and rotate keys."""
