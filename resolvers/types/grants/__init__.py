"""Types of what a portal can grant, and of what a user may reach."""
