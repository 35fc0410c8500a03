"""Checks of the values of a catalogue's entries."""

from __future__ import annotations

from typing import Any

from rules import user_fields
from rules.grants.kinds import MOST_GRANTABLES, GrantableKind
from rules.messages.administration import GrantableMessage
from rules.refusals import Faults, Refusal
from rules.text.folding import sort_key


def validate(
    kind: GrantableKind, *, name: str, app: str | None, admin_only: bool | None, is_new: bool
) -> dict[str, Any]:
    """Check the values of an entry of a catalogue, and return them in the form that is stored.

    Values of None are not returned, so that a changed entry keeps the stored values. A new app role must have an app.
    Raise Refusal(INVALID_INPUT) with all faults. For example, a module with an app is a fault.
    """
    stored: dict[str, Any] = {}
    with Faults() as faults:
        with faults.collect():
            stored |= _named("name", name)
        with faults.collect():
            stored |= _app(kind, app, is_new=is_new)
        with faults.collect():
            if admin_only and kind is not GrantableKind.MODULE:
                raise Refusal(GrantableMessage.ADMIN_ONLY_MODULES, path=("adminOnly",))
    if admin_only is not None and kind is GrantableKind.MODULE:
        stored["admin_only"] = admin_only
    return stored


def _app(kind: GrantableKind, app: str | None, *, is_new: bool) -> dict[str, str]:
    if kind is GrantableKind.APP_ROLE:
        return _named("app", app or "") if is_new or app is not None else {}
    if app:
        raise Refusal(GrantableMessage.APP_OF_APP_ROLES, path=("app",))
    return {}


def _named(column: str, text: str) -> dict[str, str]:
    stored = user_fields.validate_name(text, column)
    return {column: stored, f"{column}_key": sort_key(stored)}


def check_entry_count(kind: GrantableKind, entries: int) -> None:
    """Raise Refusal(INVALID_INPUT) if the catalogue already has the maximum number of entries of this kind.

    `entries` is the number that it has.
    """
    if entries >= MOST_GRANTABLES[kind]:
        raise Refusal(GrantableMessage.TOO_MANY_GRANTABLES, path=("kind",), maximum=MOST_GRANTABLES[kind])


def check_name(name: str, *, is_taken: bool) -> None:
    """Raise Refusal(INVALID_INPUT) if another entry of the same portal, kind and app has the name."""
    if is_taken:
        raise Refusal(GrantableMessage.NAME_IN_USE, path=("name",), value=name)


def check_holders(holders: int) -> None:
    """Raise Refusal(INVALID_INPUT) if a module cannot become admin-only, because users who are not admins hold it.

    `holders` is the number of these users.
    """
    if holders:
        raise Refusal(GrantableMessage.HELD_BY_OTHERS, path=("adminOnly",), holders=holders)


def check_not_system(*, is_system: bool) -> None:
    """Raise Refusal(NOT_ALLOWED) if the entry is the system group."""
    if is_system:
        raise Refusal(GrantableMessage.SYSTEM_GROUP_STAYS, path=("id",))
