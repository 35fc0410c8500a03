"""Find logins that are in use in a portal, and usernames that look like another username."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from models.db.dialect import is_any_of
from models.db.sql import fetch, join, sql
from models.users.table import UserRow


class TakenLogins(NamedTuple):
    """What is in use in a portal: login keys, and skeletons of usernames (`rules.text.lookalikes`)."""

    logins: set[str]
    looks: set[str]


async def find(portal_id: UUID, keys: Sequence[str], looks: Sequence[str]) -> TakenLogins:
    """Return which login keys of `keys` and which skeletons of `looks` are in use in the portal.

    A login key can belong to a user's username, e-mail address or pending e-mail address. A skeleton belongs to a
    username.
    """
    asked = {
        "username_key": sorted({*keys, *looks}),
        "email_key": keys,
        "pending_email_key": keys,
        "username_look": looks,
    }
    query = [
        f"SELECT '{column}' AS kind, u.{column} AS text FROM portal_user u WHERE "
        + sql("u.portal_id = ? AND ", portal_id)
        + is_any_of(f"u.{column}", texts)
        for column, texts in asked.items()
    ]
    found = [(row["kind"], str(row["text"])) for row in await fetch(join(" UNION ALL ", query))]
    return TakenLogins(
        logins={text for kind, text in found if kind != "username_look"},
        looks={text for kind, text in found if kind in ("username_key", "username_look")},
    )


async def is_lookalike_taken(user: UserRow, seen: str) -> bool:
    """Return whether another user of the portal has a username that looks like the one with the skeleton `seen`.

    Usernames that look alike have the same skeleton (`rules.text.lookalikes.skeleton`).
    """
    others = await fetch(
        sql(
            "SELECT 1 FROM portal_user u WHERE u.portal_id = ? AND u.id <> ?"
            " AND (u.username_key = ? OR u.username_look = ?) LIMIT 1",
            user.portal_id,
            user.id,
            seen,
            seen,
        )
    )
    return bool(others)


async def is_taken(user: UserRow, key: str) -> bool:
    """Return whether another user of the portal has the login `key`. Pending e-mail addresses count too."""
    others = await fetch(
        sql(
            "SELECT 1 FROM portal_user u WHERE u.portal_id = ? AND u.id <> ?"
            " AND (u.username_key = ? OR u.email_key = ? OR u.pending_email_key = ?) LIMIT 1",
            user.portal_id,
            user.id,
            key,
            key,
            key,
        )
    )
    return bool(others)
