"""Sign-in: sessions, attempts, second factors, and the actor behind a token."""
