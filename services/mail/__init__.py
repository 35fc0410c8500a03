"""Mail: composed, queued, capped, validated and sent."""
