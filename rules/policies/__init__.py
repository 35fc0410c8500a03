"""The policy of a portal: its settings with their bounds and defaults, the presets, and the effects of a change."""
