"""Insert users into a portal, and read the existing users that conflict with an insert."""

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
    """Lock the portal's users whose e-mail addresses have one of the keys. Return a dict from key to locked user.

    `email_keys` are login keys. The dict contains only users that the actor manages. Requires the portal to be locked.
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
    """Insert new users in one statement. The users have no idle period yet.

    The caller must adjust the portal's counters.
    """
    rows = [_row(user) for user in users]
    await insert_rows(PortalUser, list(rows[0]) if rows else (), rows)


def _row(user: UserRow) -> dict[str, object]:
    return {
        **user._asdict(),
        **folded(**{name: getattr(user, name) for name in FOLDED}),
        **sort_columns(user._asdict()),
    }
