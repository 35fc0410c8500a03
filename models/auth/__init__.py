"""Sign-in: sessions, failed attempts, rate limits, second factors, and the actor of a request."""
