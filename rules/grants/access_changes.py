"""A change of what users may reach: the requested change, and the change with its entries of the catalogue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from rules.grants.held_access import ChangedAccess, HeldAccess, Levels
from rules.grants.kinds import MOST_GRANTED, GrantableKind, ModuleAccess
from rules.messages.bulk import AccessChangeMessage
from rules.refusals import Refusal

LIST_FIELDS = {
    GrantableKind.MODULE: "modules",
    GrantableKind.SUB_ACCOUNT: "subAccountIds",
    GrantableKind.WORKSPACE: "workspaceIds",
    GrantableKind.GROUP: "groupIds",
    GrantableKind.APP_ROLE: "appRoleIds",
}
"""The input field with the grantables of each kind."""


class HasGrantableColumns(Protocol):
    """A protocol for a row of the catalogue: the columns that changes of access read."""

    @property
    def id(self) -> UUID: ...
    @property
    def portal_id(self) -> UUID: ...
    @property
    def kind(self) -> GrantableKind: ...
    @property
    def admin_only(self) -> bool: ...
    @property
    def is_system(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class RequestedGrant:
    """A requested entry of a list.

    `grantable_id` is None if the id in the input is not the id of a grantable of the list's kind. `level` is the level
    of a module, and None for other kinds. A module with the level NONE is not granted.
    """

    grantable_id: UUID | None
    level: ModuleAccess | None = None


@dataclass(frozen=True, slots=True)
class AccessChange:
    """A requested change of access.

    A list in `lists` replaces all grants of its kind. Kinds without a list keep their grants. The other fields keep
    their value if they are None.
    """

    portal_access: bool | None = None
    all_sub_accounts: bool | None = None
    lists: tuple[tuple[GrantableKind, tuple[RequestedGrant, ...]], ...] = ()

    @property
    def kinds(self) -> tuple[GrantableKind, ...]:
        """The kinds whose grantables are replaced."""
        return tuple(kind for kind, _ in self.lists)

    def ids(self) -> Iterator[UUID]:
        """Return the ids of the requested grantables, in the order of the input. Ids of other objects are left out."""
        return (asked.grantable_id for _, entries in self.lists for asked in entries if asked.grantable_id)

    def faults(self) -> Iterator[Refusal]:
        """Return the faults that need no look-up: lists with too many entries, and modules that are named twice."""
        for kind, entries in self.lists:
            field = LIST_FIELDS[kind]
            if len(entries) > MOST_GRANTED:
                yield Refusal(AccessChangeMessage.TOO_MANY_ENTRIES, path=(field,), field=field, maximum=MOST_GRANTED)
            elif kind is GrantableKind.MODULE:
                yield from _named_twice(entries, field)


def _named_twice(modules: tuple[RequestedGrant, ...], field: str) -> Iterator[Refusal]:
    seen = set[UUID]()
    for place, asked in enumerate(modules):
        if asked.grantable_id in seen:
            yield Refusal(AccessChangeMessage.MODULE_NAMED_TWICE, path=(field, str(place), "moduleId"))
        if asked.grantable_id is not None:
            seen.add(asked.grantable_id)


@dataclass(frozen=True, slots=True)
class ResolvedAccess:
    """A change of access with the entries of the catalogue that it names.

    - `lists`: the grantables of each kind that is replaced. The system group is left out, because its members are
      computed (E15). Modules with the level NONE are left out too.
    - `portals`: the portals of the named entries, by input field.
    - `absent`: the input fields with an id that belongs to no entry.
    - `has_admin_only`: whether an admin-only module is in `lists`.
    """

    portal_access: bool | None = None
    all_sub_accounts: bool | None = None
    lists: Mapping[GrantableKind, Levels] = field(default_factory=dict)
    portals: Mapping[str, frozenset[UUID]] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()
    has_admin_only: bool = False

    def afterwards(self, held: HeldAccess) -> HeldAccess:
        """Return what a user who holds `held` may reach after the change."""
        return HeldAccess(
            held.portal_access if self.portal_access is None else self.portal_access,
            held.all_sub_accounts if self.all_sub_accounts is None else self.all_sub_accounts,
            {**held.grants, **self.lists},
        )

    def field_outside(self, portal_id: UUID) -> str | None:
        """Return the first input field that names an entry outside the portal's catalogue, or None."""
        return next((name for name in self.portals if name in self.absent or self.portals[name] - {portal_id}), None)


def resolve_access(change: AccessChange, catalogue: Mapping[UUID, HasGrantableColumns]) -> ResolvedAccess:
    """Return the change with its entries of the catalogue.

    `catalogue` holds the entries that the actor sees, by id.
    """
    lists: dict[GrantableKind, Levels] = {}
    portals: dict[str, frozenset[UUID]] = {}
    absent, has_admin_only = set[str](), False
    for kind, entries in change.lists:
        found = [(asked, entry) for asked in entries if (entry := _entry(asked, kind, catalogue))]
        if len(found) < len(entries):
            absent.add(LIST_FIELDS[kind])
        held = [(asked, entry) for asked, entry in found if not (entry.is_system or asked.level is ModuleAccess.NONE)]
        lists[kind] = {entry.id: asked.level for asked, entry in held}
        portals[LIST_FIELDS[kind]] = frozenset(entry.portal_id for _, entry in found)
        has_admin_only |= any(entry.admin_only for _, entry in held)
    return ResolvedAccess(
        change.portal_access, change.all_sub_accounts, lists, portals, frozenset(absent), has_admin_only
    )


def unknown_entry_faults(change: AccessChange, catalogue: Mapping[UUID, HasGrantableColumns]) -> Iterator[Refusal]:
    """Yield one Refusal(NOT_FOUND) for each id in a list of `change` that names no entry of the list's kind in `catalogue`.

    A list of modules, for instance, accepts only ids of modules.
    """
    for kind, entries in change.lists:
        for place, asked in enumerate(entries):
            if _entry(asked, kind, catalogue) is None:
                inside = ("moduleId",) if kind is GrantableKind.MODULE else ()
                yield Refusal(AccessChangeMessage.NO_SUCH_ENTRY, path=(LIST_FIELDS[kind], str(place), *inside))


def _entry(
    asked: RequestedGrant, kind: GrantableKind, catalogue: Mapping[UUID, HasGrantableColumns]
) -> HasGrantableColumns | None:
    entry = catalogue.get(asked.grantable_id) if asked.grantable_id else None
    return entry if entry is not None and entry.kind is kind else None


@dataclass(frozen=True, slots=True)
class AccessRequest:
    """A request to change one user's access: the change, and what the user may reach before and after it."""

    given: ResolvedAccess
    changed: ChangedAccess

    @classmethod
    def of(cls, given: ResolvedAccess, held: HeldAccess) -> AccessRequest:
        """Return the request to change the access of a user who holds `held`."""
        return cls(given, ChangedAccess(held, given.afterwards(held)))
