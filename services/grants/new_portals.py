"""The catalogue with which a new portal begins."""

from __future__ import annotations

from uuid import UUID

from models.grants import catalogue
from models.grants.table import GrantableRow
from rules.grants.first_modules import ADMIN_ONLY_MODULES
from rules.grants.kinds import GrantableKind
from rules.policies.presets import PolicyPreset
from rules.text.folding import sort_key
from services.runtime import Runtime


async def fill_catalogue(runtime: Runtime, portal_id: UUID, preset: PolicyPreset | None) -> None:
    """Store the first entries of a new portal: the system group (E15) and the preset's admin-only modules (W5, W6).

    Requires the transaction that has stored the portal. The function runs one statement.
    """
    modules = [
        GrantableRow(
            id=runtime.new_id(),
            portal_id=portal_id,
            kind=GrantableKind.MODULE,
            app="",
            app_key="",
            name=name,
            name_key=sort_key(name),
            admin_only=True,
        )
        for name in (ADMIN_ONLY_MODULES.get(preset, ()) if preset else ())
    ]
    await catalogue.add([catalogue.system_group(portal_id), *modules])
