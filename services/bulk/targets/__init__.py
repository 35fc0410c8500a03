"""The targets of a bulk run: selections of users, and the locked rows of the selected users."""
