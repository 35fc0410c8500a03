"""Open, refresh and end sessions."""
