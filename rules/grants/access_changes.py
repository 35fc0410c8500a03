"""A change of what users may reach, before and after its ids are looked up in the catalogue."""

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
"""Maps a kind of catalogue entries to the input field that lists the entries of this kind."""


class HasGrantableColumns(Protocol):
    """The columns of a catalogue entry that are needed to change a user's access."""

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
    """An entry of the portal's catalogue (a grantable) that a requested change of access gives to the user.

    - `grantable_id`: the entry's id. None if the input has no valid id.
    - `level`: the level at which the user gets a module. ModuleAccess.NONE takes the module from the user. Entries of
      other kinds have no level.
    """

    grantable_id: UUID | None
    level: ModuleAccess | None = None


@dataclass(frozen=True, slots=True)
class AccessChange:
    """A requested change of a user's access, before its ids are looked up in the catalogue.

    - `lists`: for some kinds, the grantables that replace the user's present ones. Other kinds do not change.
    - `portal_access` and `all_sub_accounts`: the new values, or None to keep the present ones.
    """

    portal_access: bool | None = None
    all_sub_accounts: bool | None = None
    lists: tuple[tuple[GrantableKind, tuple[RequestedGrant, ...]], ...] = ()

    @property
    def kinds(self) -> tuple[GrantableKind, ...]:
        """The kinds whose grantables are replaced."""
        return tuple(kind for kind, _ in self.lists)

    def ids(self) -> Iterator[UUID]:
        """Return the valid ids of the requested grantables, in the order of the input."""
        return (asked.grantable_id for _, entries in self.lists for asked in entries if asked.grantable_id)

    def faults(self) -> Iterator[Refusal]:
        """Yield the faults that can be found without the catalogue: too long lists, and modules that occur twice."""
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
    """A requested change of access, after its ids were looked up in the catalogue.

    - `lists`: for each kind that changes, all grantables that the user will hold, with their levels. System groups are
      left out, because their members are computed (E15).
    - `portals`: for each input field, the portals of the entries that were found.
    - `absent`: the input fields with an id that was not found.
    - `has_admin_only`: whether `lists` has an admin-only module.
    """

    portal_access: bool | None = None
    all_sub_accounts: bool | None = None
    lists: Mapping[GrantableKind, Levels] = field(default_factory=dict)
    portals: Mapping[str, frozenset[UUID]] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()
    has_admin_only: bool = False

    def afterwards(self, held: HeldAccess) -> HeldAccess:
        """Return the access after the change. `held` is the user's access before."""
        return HeldAccess(
            held.portal_access if self.portal_access is None else self.portal_access,
            held.all_sub_accounts if self.all_sub_accounts is None else self.all_sub_accounts,
            {**held.grants, **self.lists},
        )

    def field_outside(self, portal_id: UUID) -> str | None:
        """Return the first input field, such as `groupIds`, with an id from outside the portal's catalogue, or None."""
        return next((name for name in self.portals if name in self.absent or self.portals[name] - {portal_id}), None)


def resolve_access(change: AccessChange, catalogue: Mapping[UUID, HasGrantableColumns]) -> ResolvedAccess:
    """Look up the ids of the change, and return the change with the entries that were found.

    `catalogue` holds the entries that the actor can see, by id.
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
    """Yield Refusal(NOT_FOUND) for each requested grantable that is not in `catalogue`.

    An entry counts as missing if its kind is wrong: a list of modules accepts only modules.
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
    """A request to change one user's access: the change, and the access before and after it."""

    given: ResolvedAccess
    changed: ChangedAccess

    @classmethod
    def of(cls, given: ResolvedAccess, held: HeldAccess) -> AccessRequest:
        """Return the request for a user whose present access is `held`. `given` is the change."""
        return cls(given, ChangedAccess(held, given.afterwards(held)))
