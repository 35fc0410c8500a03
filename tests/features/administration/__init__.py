"""The administration of an MSSP: staff, assignments, tags."""
