"""Pages of ordered lists."""
