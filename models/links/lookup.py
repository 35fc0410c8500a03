"""Read links. The functions also return links that are no longer active."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from models.db.dialect import is_any_of
from models.db.sql import fetch, sql
from models.links.table import IS_NEWEST, LINK, LinkRow
from models.owner_conditions import belongs_to
from rules.accounts import AccountKey
from rules.auth.link_purposes import Purpose


async def by_hash(token_hash: str) -> LinkRow | None:
    """Return the link with this token hash, or None. The link can be used, superseded or expired."""
    found = LINK.read(
        await fetch(f"SELECT {LINK.columns} FROM link_token t WHERE " + sql("t.token_hash = ?", token_hash))
    )
    return found[0] if found else None


async def newest(purpose: Purpose, user_ids: Iterable[UUID]) -> dict[UUID, LinkRow]:
    """Return each user's newest link for the purpose, keyed by user id. It can be used, superseded or expired.

    Users without a link for the purpose are left out.
    """
    rows = await fetch(
        f"SELECT {LINK.columns} FROM link_token t WHERE "
        + sql("t.purpose = ? AND ", purpose)
        + is_any_of("t.user_id", user_ids)
        + f" AND {IS_NEWEST}"
    )
    return {link.user_id: link for link in LINK.read(rows) if link.user_id}


async def newest_of(purpose: Purpose, account: AccountKey) -> LinkRow | None:
    """Return the account's newest link for the purpose, even if it is already used, superseded or expired, or None."""
    found = LINK.read(
        await fetch(
            f"SELECT {LINK.columns} FROM link_token t WHERE "
            + sql("t.purpose = ? AND ", purpose)
            + belongs_to(account, "t.")
            + " ORDER BY t.sequence DESC LIMIT 1"
        )
    )
    return found[0] if found else None


async def by_id(ids: Sequence[UUID]) -> dict[UUID, LinkRow]:
    """Return the links keyed by id, including links that are already used, superseded or expired."""
    rows = await fetch(f"SELECT {LINK.columns} FROM link_token t WHERE " + is_any_of("t.id", ids))
    return {link.id: link for link in LINK.read(rows)}
