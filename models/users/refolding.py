"""Recompute all folded columns. A migration does this after a change of the folding rules in rules/text/."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from tortoise.models import Model

from models.db.dialect import is_any_of
from models.db.model_columns import table_name
from models.db.sql import fetch, sql, write
from models.db.writes import update_rows
from models.portals.table import Portal
from models.staff import StaffMember
from models.users.folded_columns import FOLDED, folded
from models.users.table import PortalUser
from rules.text.folding import login_key, sort_key

BATCH = 2_000
"""The number of rows that one statement reads or writes."""

MOST_LISTED = 20
"""The maximum number of colliding logins that the error message lists. Further logins are only counted."""

_KEYS = ("username_key", "email_key", "pending_email_key")
_COPIES = (
    *_KEYS,
    "username_look",
    "search_text",
    "first_name_sort",
    "last_name_sort",
    "username_sort",
    "email_sort",
)
_FIRST = UUID(int=0)

Logins = dict[tuple[UUID, str], set[UUID]]
"""Maps the portal and the login key of each new login to the users who would get the login."""


class LoginsCollide(ValueError):
    """Raised if two users of a portal would have the same login under new folding rules. Nothing is changed."""


async def refold() -> None:
    """Recompute the folded columns of all users, staff and portals by the present rules. Requires a transaction.

    Raise LoginsCollide if two users of a portal would get the same login. The message lists the users.
    """
    changed = await _changed_logins()
    await _check_free(changed)
    await _clear({user_id for user_ids in changed.values() for user_id in user_ids})
    after: UUID | None = _FIRST
    while after:
        rows = await _batch(after)
        await update_rows(PortalUser, _COPIES, [dict(row, **copies) for row, copies in _changed(rows)])
        after = rows[-1]["id"] if rows else None
    await _refold_few(StaffMember, "email", "email_key", login_key)
    await _refold_few(Portal, "name", "name_key", sort_key)


async def _batch(after: UUID) -> list[dict[str, Any]]:
    columns = ", ".join(("portal_id", *FOLDED, *_COPIES))
    rows = await fetch(sql(f"SELECT id, {columns} FROM portal_user WHERE id > ? ORDER BY id LIMIT ?", after, BATCH))
    return [{**row, "id": UUID(str(row["id"])), "portal_id": UUID(str(row["portal_id"]))} for row in rows]


def _changed(rows: Iterable[Mapping[str, Any]]) -> list[tuple[Mapping[str, Any], dict[str, str | None]]]:
    each = [(row, folded(**{name: row[name] for name in FOLDED})) for row in rows]
    return [(row, copies) for row, copies in each if any(row[name] != copies[name] for name in _COPIES)]


async def _changed_logins() -> Logins:
    found: Logins = defaultdict(set)
    after: UUID | None = _FIRST
    while after:
        rows = await _batch(after)
        for row, copies in _changed(rows):
            for key in {copies[name] for name in _KEYS if copies[name] != row[name]} - {None}:
                found[row["portal_id"], str(key)].add(row["id"])
        after = rows[-1]["id"] if rows else None
    return found


async def _check_free(changed: Logins) -> None:
    holders: Logins = defaultdict(set, {login: set(user_ids) for login, user_ids in changed.items()})
    keys = sorted({key for _, key in changed})
    for start in range(0, len(keys), BATCH):
        for column in _KEYS:
            wanted = is_any_of(column, keys[start : start + BATCH])
            for row in await fetch(
                f"SELECT id, portal_id, {', '.join(FOLDED)}, {column} AS kept FROM portal_user WHERE " + wanted
            ):
                login = (UUID(str(row["portal_id"])), str(row["kept"]))
                if login in changed and folded(**{name: row[name] for name in FOLDED})[column] == row["kept"]:
                    holders[login].add(UUID(str(row["id"])))
    shared = [(login, user_ids) for login, user_ids in holders.items() if len(user_ids) > 1]
    if shared:
        raise LoginsCollide(await _collision_message(shared))


async def _collision_message(shared: Sequence[tuple[tuple[UUID, str], set[UUID]]]) -> str:
    lines = []
    for (portal_id, key), user_ids in shared[:MOST_LISTED]:
        (portal,) = await fetch(sql("SELECT slug FROM portal WHERE id = ?", portal_id))
        people = await fetch("SELECT id, username FROM portal_user WHERE " + is_any_of("id", user_ids) + " ORDER BY id")
        named = " and ".join(f"user {row['id']} (username {row['username']!a})" for row in people)
        lines.append(f"- portal {portal['slug']}, login {key!a}: {named}")
    more = f"\n- and {len(shared) - MOST_LISTED} more" if len(shared) > MOST_LISTED else ""
    return (
        "The database was not changed: these users would sign in with the same login.\n"
        + "\n".join(lines)
        + more
        + "\nChange the username or e-mail of all but one of each, with the version of Gatehouse that ran until now, then"
        " migrate again."
    )


async def _clear(user_ids: set[UUID]) -> None:
    # A user's new key can be another user's old key. Unique placeholders keep the two apart until both are written.
    listed = sorted(user_ids)
    for start in range(0, len(listed), BATCH):
        await write(
            "UPDATE portal_user SET username_key = CAST(id AS TEXT), email_key = NULL WHERE "
            + is_any_of("id", listed[start : start + BATCH])
        )


async def _refold_few(model: type[Model], column: str, copy: str, fold: Any) -> None:
    rows = await fetch(sql(f"SELECT id, {column} AS text, {copy} AS copy FROM {table_name(model)}"))
    changed = [{"id": row["id"], copy: fold(row["text"])} for row in rows if row["copy"] != fold(row["text"])]
    for start in range(0, len(changed), BATCH):
        await update_rows(model, (copy,), changed[start : start + BATCH])
