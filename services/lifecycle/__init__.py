"""Write the changes of users that actions and events cause, with counters, sessions, mails and audit events."""
