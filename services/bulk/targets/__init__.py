"""Who a bulk run acts on: selections, resolved, locked and read."""
