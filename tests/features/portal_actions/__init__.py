"""`Portal.availableActions`: whether it agrees with the answers of the mutations."""
