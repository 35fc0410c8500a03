"""The writes of decided changes of users, and of events in a user's life."""
