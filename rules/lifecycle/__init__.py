"""The lifecycle of a user: statuses, actions, events, decisions and license seats."""
