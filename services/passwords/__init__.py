"""A new password: by a signed-in user, or by a link after it was forgotten."""
