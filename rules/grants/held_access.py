"""What a user may reach, before and after a change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

from rules.grants.kinds import GrantableKind, ModuleAccess

Levels = Mapping[UUID, ModuleAccess | None]
"""The grantables of one kind that a user holds, by id. The level is None except for modules. NONE is never a level."""


@dataclass(frozen=True, slots=True)
class HeldAccess:
    """What a user may reach (E17 to E19). The defaults are the access of a new user: only the pages of the portal.

    `grants` maps each kind to the grantables that the user holds, without the system group. An object that was read for
    a change holds only the kinds that the change replaces.
    """

    portal_access: bool = True
    all_sub_accounts: bool = False
    grants: Mapping[GrantableKind, Levels] = field(default_factory=dict)

    def of_kind(self, kind: GrantableKind) -> Levels:
        """Return the grantables of the kind that the user holds, with their levels. Empty if there are none."""
        return self.grants.get(kind, {})


@dataclass(frozen=True)
class ChangedAccess:
    """What a user may reach before and after a change. Users with equal values can share one object.

    - `given`: a dict from kind to the grantables that the user gets. A module with a new level is included, with this
      level.
    - `taken`: a dict from kind to the grantables that the user loses, with the former level of a module.

    Kinds without a change are in neither dict.
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
        """Whether nothing changes: the user may reach the same before and after."""
        before, after = self.before, self.after
        same = (before.portal_access, before.all_sub_accounts) == (after.portal_access, after.all_sub_accounts)
        return same and not self.given and not self.taken

    @property
    def closes_portal(self) -> bool:
        """Whether the change closes the user's access to the portal (E19)."""
        return self.before.portal_access and not self.after.portal_access


def _changed(after: Levels, before: Levels) -> Levels:
    return {id: level for id, level in after.items() if id not in before or before[id] is not level}
