"""The bulk engine: select users, decide about each user, write the changes and return the outcomes."""
