"""The modules of a new portal, for each preset."""

from __future__ import annotations

from collections.abc import Mapping

from rules.policies.presets import PolicyPreset

ADMIN_ONLY_MODULES: Mapping[PolicyPreset, tuple[str, ...]] = {
    PolicyPreset.CUSTOMER_ACCOUNT: ("Payment", "Pricing", "User management"),  # W5, W6
}
"""The names of the admin-only modules of a new portal, by preset. Portals of other presets begin without modules."""
