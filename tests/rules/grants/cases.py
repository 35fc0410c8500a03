"""Functions that make entries of catalogues and changes of access, for tests of the rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from rules.grants.access_changes import (
    AccessChange,
    AccessRequest,
    RequestedGrant,
    ResolvedAccess,
    resolve_access,
)
from rules.grants.held_access import HeldAccess
from rules.grants.kinds import GrantableKind, ModuleAccess
from tests.rules.cases import an_id

HOME = an_id()
"""The portal of entries and users if a test names no other portal."""


@dataclass(frozen=True)
class AnEntry:
    """An entry of a catalogue, by default a module in the portal HOME."""

    name: str = "Reports"
    kind: GrantableKind = GrantableKind.MODULE
    app: str = ""
    admin_only: bool = False
    is_system: bool = False
    portal_id: UUID = HOME
    id: UUID = field(default_factory=an_id)


def asked(*entries: AnEntry, level: ModuleAccess = ModuleAccess.READ, **columns: bool) -> AccessChange:
    """Return a request for a change of access.

    For each kind of grantable in `entries`, the user shall hold only these entries afterwards. `level` is the level of
    the modules, and `columns` are the further fields of AccessChange.
    """
    lists: dict[GrantableKind, list[RequestedGrant]] = {}
    for entry in entries:
        of_module = level if entry.kind is GrantableKind.MODULE else None
        lists.setdefault(entry.kind, []).append(RequestedGrant(entry.id, of_module))
    return AccessChange(**columns, lists=tuple((kind, tuple(those)) for kind, those in lists.items()))


def given(*entries: AnEntry, level: ModuleAccess = ModuleAccess.READ, **columns: bool) -> ResolvedAccess:
    """Return the change that `asked` makes from the same arguments, after its entries are looked up by their ids."""
    return resolve_access(asked(*entries, level=level, **columns), {entry.id: entry for entry in entries})


def held(*entries: AnEntry, level: ModuleAccess = ModuleAccess.READ, **columns: bool) -> HeldAccess:
    """Return the access of a user who holds the entries."""
    grants: dict[GrantableKind, dict[UUID, ModuleAccess | None]] = {}
    for entry in entries:
        of_module = level if entry.kind is GrantableKind.MODULE else None
        grants.setdefault(entry.kind, {})[entry.id] = of_module
    return HeldAccess(**columns, grants=grants)


def request(to: ResolvedAccess, before: HeldAccess | None = None) -> AccessRequest:
    return AccessRequest.of(to, before or HeldAccess())
