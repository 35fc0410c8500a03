"""The policy of a portal: changes of it, and the users that a change affects."""
