"""Insert users into a portal, and find existing users with the same e-mail addresses."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from models.db.dialect import is_any_of, locked
from models.db.sql import fetch, sql
from models.db.writes import insert_rows
from models.users.folded_columns import FOLDED, folded
from models.users.lookup import managed_by
from models.users.table import USER, PortalUser, UserRow, sort_columns
from rules.access import Actor
from rules.text.folding import login_key


async def lock_by_address(actor: Actor, portal_id: UUID, email_keys: Sequence[str]) -> dict[str, UserRow]:
    """Lock the portal's users with these e-mail addresses, and return them keyed by login key.

    `email_keys` are the login keys of the addresses. Only users that the actor manages are included. Requires the
    portal to be locked.
    """
    query = (
        f"SELECT {USER.columns} FROM portal_user u WHERE "
        + managed_by(actor)
        + sql(" AND u.portal_id = ? AND ", portal_id)
        + is_any_of("u.email_key", email_keys)
        + " ORDER BY u.id"
    )
    return {login_key(user.email): user for user in USER.read(await fetch(locked(query, "u"))) if user.email}


async def add(users: Sequence[UserRow]) -> None:
    """Insert new users. Their `idle_since` is null. The caller must adjust the portal's counters."""
    rows = [_row(user) for user in users]
    await insert_rows(PortalUser, list(rows[0]) if rows else (), rows)


def _row(user: UserRow) -> dict[str, object]:
    return {
        **user._asdict(),
        **folded(**{name: getattr(user, name) for name in FOLDED}),
        **sort_columns(user._asdict()),
    }
