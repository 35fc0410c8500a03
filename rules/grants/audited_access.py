"""The fields of an audit event about a change of a user's access."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol
from uuid import UUID

from rules.grants.held_access import ChangedAccess, Levels
from rules.grants.kinds import GrantableKind

MOST_NAMED = 10
"""The maximum number of entries that one value of a field names. A longer value ends with, e.g., "and 3 more"."""


class HasName(Protocol):
    """A protocol for an entry of the catalogue: the columns with its name."""

    @property
    def app(self) -> str: ...
    @property
    def name(self) -> str: ...


def audit_changes(changed: ChangedAccess, catalogue: Mapping[UUID, HasName]) -> list[dict[str, Any]]:
    """Return the changed fields of a user's access for an audit event, in the order of the schema's type UserAccess.

    For example: `{"field": "modules", "before": "Reports (READ)", "after": "Reports (WRITE)"}`. For a list such
    as `modules`, `before` names only the entries that the user lost, and `after` only those that the user got.
    `catalogue` maps ids to entries.
    """
    before, after = changed.before, changed.after
    fields = (
        ("portalAccess", _flag(before.portal_access), _flag(after.portal_access)),
        ("modules", *_lost_and_got(changed, GrantableKind.MODULE, catalogue)),
        ("allSubAccounts", _flag(before.all_sub_accounts), _flag(after.all_sub_accounts)),
        ("subAccounts", *_lost_and_got(changed, GrantableKind.SUB_ACCOUNT, catalogue)),
        ("workspaces", *_lost_and_got(changed, GrantableKind.WORKSPACE, catalogue)),
        ("groups", *_lost_and_got(changed, GrantableKind.GROUP, catalogue)),
        ("appRoles", *_lost_and_got(changed, GrantableKind.APP_ROLE, catalogue)),
    )
    return [{"field": name, "before": old, "after": new} for name, old, new in fields if old != new]


def _flag(value: bool) -> str:
    return str(value).lower()


def _lost_and_got(
    changed: ChangedAccess, kind: GrantableKind, catalogue: Mapping[UUID, HasName]
) -> tuple[str | None, str | None]:
    held, got = changed.before.of_kind(kind), changed.given.get(kind, {})
    lost = {**changed.taken.get(kind, {}), **{id: held[id] for id in got if id in held}}
    return _names(lost, catalogue), _names(got, catalogue)


def _names(levels: Levels, catalogue: Mapping[UUID, HasName]) -> str | None:
    # As in "CRM: Editor" for an app role, and "Reports (READ)" for a module.
    names = sorted(
        f"{entry.app}: {entry.name}" if entry.app else f"{entry.name} ({level})" if level else entry.name
        for id, level in levels.items()
        if (entry := catalogue.get(id))
    )
    others = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {others} more" if others > 0 else "") or None
