"""Catalogue entries and grants that a test needs."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from uuid import UUID

from models.grants import catalogue, of_users
from models.grants.of_users import SharedGrants
from models.grants.table import GrantableRow
from models.tables import Grantable, Portal
from resolvers.core.global_ids import global_id
from rules.grants.kinds import TYPE_NAMES, GrantableKind, ModuleAccess
from rules.text.folding import sort_key
from tests.support.world.people import Person
from tests.support.world.world import World

_numbers = count(1)


@dataclass(frozen=True)
class Entry:
    """An entry of a catalogue. `id` is the id of the row, `gid` the global id."""

    id: UUID
    kind: GrantableKind
    name: str

    @property
    def gid(self) -> str:
        return global_id(TYPE_NAMES[self.kind], self.id)


async def entry(
    world: World,
    portal: Portal,
    kind: GrantableKind,
    name: str | None = None,
    *,
    app: str = "",
    admin_only: bool = False,
) -> Entry:
    """Add an entry to the portal's catalogue."""
    name = name or f"{kind.value.title()} {next(_numbers)}"
    row = GrantableRow(
        id=world.parts.runtime.new_id(),
        portal_id=portal.id,
        kind=kind,
        app=app,
        app_key=sort_key(app),
        name=name,
        name_key=sort_key(name),
        admin_only=admin_only,
    )
    await catalogue.add([row])
    return Entry(row.id, kind, name)


async def system_group(portal: Portal) -> Entry:
    """Return the group of the portal's external users."""
    row = await Grantable.get(portal_id=portal.id, is_system=True)
    return Entry(row.id, GrantableKind.GROUP, row.name)


async def grant(world: World, person: Person, *entries: Entry, level: ModuleAccess = ModuleAccess.READ) -> None:
    """Grant the entries to the user. Modules get the level `level`."""
    levels = {each.id: level if each.kind is GrantableKind.MODULE else None for each in entries}
    await of_users.give([SharedGrants([person.id], levels)])
