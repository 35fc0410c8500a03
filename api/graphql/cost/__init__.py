"""What one request may ask for: limits and costs."""
