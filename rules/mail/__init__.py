"""Which mail is sent, when, and how often."""
