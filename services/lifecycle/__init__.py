"""What decided changes and events do to users."""
