"""What a user may reach, before and after a change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

from rules.grants.kinds import GrantableKind, ModuleAccess

Levels = Mapping[UUID, ModuleAccess | None]
"""The grantables of one kind that a user holds: `{id: level}`. The level is READ or WRITE for a module, else None."""


@dataclass(frozen=True, slots=True)
class HeldAccess:
    """What a user may reach (E17 to E19): the portal, its sub-accounts, and the entries of its catalogue.

    The defaults are those of a new user, who may use the portal, but holds no entry of its catalogue.

    `grants` maps each kind of entries to the entries that the user holds, without system groups. In an object that was
    read for a change of access, it has only the kinds that the change replaces.
    """

    portal_access: bool = True
    all_sub_accounts: bool = False
    grants: Mapping[GrantableKind, Levels] = field(default_factory=dict)

    def of_kind(self, kind: GrantableKind) -> Levels:
        """Return the user's grantables of the kind, with their levels."""
        return self.grants.get(kind, {})


@dataclass(frozen=True)
class ChangedAccess:
    """What a user may reach before and after a change.

    - `given`: what the user gets, by kind. A module with a new level is included.
    - `taken`: what the user loses, by kind, with the former levels.
    """

    before: HeldAccess
    after: HeldAccess

    @cached_property
    def given(self) -> Mapping[GrantableKind, Levels]:
        found = {kind: _changed(self.after.of_kind(kind), self.before.of_kind(kind)) for kind in GrantableKind}
        return {kind: levels for kind, levels in found.items() if levels}

    @cached_property
    def taken(self) -> Mapping[GrantableKind, Levels]:
        found = {
            kind: {id: level for id, level in self.before.of_kind(kind).items() if id not in self.after.of_kind(kind)}
            for kind in GrantableKind
        }
        return {kind: levels for kind, levels in found.items() if levels}

    @property
    def is_none(self) -> bool:
        """Whether nothing changes."""
        before, after = self.before, self.after
        same = (before.portal_access, before.all_sub_accounts) == (after.portal_access, after.all_sub_accounts)
        return same and not self.given and not self.taken

    @property
    def closes_portal(self) -> bool:
        """Whether the user loses access to the portal (E19)."""
        return self.before.portal_access and not self.after.portal_access


def _changed(after: Levels, before: Levels) -> Levels:
    return {id: level for id, level in after.items() if id not in before or before[id] is not level}
