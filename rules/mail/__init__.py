"""Rules of mail: kinds, recipients, caps, order of sending, and checks before sending."""
