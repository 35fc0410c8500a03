"""Mail: enqueued with or without a link, capped, checked again, and sent."""
