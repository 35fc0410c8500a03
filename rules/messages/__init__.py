"""The English messages of refusals: one enum for each area, one member for each message."""
