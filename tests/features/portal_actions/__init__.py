"""What the viewer may do in a portal: `Portal.availableActions`, beside what the mutations answer."""
