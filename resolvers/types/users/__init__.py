"""Portal users, their lists and their invitations, as the schema shows them."""
