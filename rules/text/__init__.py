"""How text is compared, searched and cleaned."""
