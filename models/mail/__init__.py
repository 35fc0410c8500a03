"""The mail queue: queued mails, their places and claims, and the results of sending."""
