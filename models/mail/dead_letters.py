"""The operator's view of the outbox: list mails by state, and queue dead letters again.

A dead letter is a mail that failed and is not tried again. Its state is DEAD.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from models.db.dialect import is_any_of, locked
from models.db.sql import fetch, sql, write
from models.mail.table import MAIL, MailRow, MailState


async def in_state(state: MailState, most: int) -> list[MailRow]:
    """Return up to `most` mails in the state, oldest first."""
    return MAIL.read(
        await fetch(
            f"SELECT {MAIL.columns} FROM outbox_mail b WHERE "
            + sql("b.state = ? ORDER BY b.created_at, b.id LIMIT ?", state, most)
        )
    )


async def lock_dead(ids: Sequence[UUID] | None) -> list[MailRow]:
    """Lock and return the dead letters with these ids. If `ids` is None, lock and return all dead letters."""
    dead = sql("b.state = ?", MailState.DEAD) + ("" if ids is None else " AND " + is_any_of("b.id", ids))
    return MAIL.read(
        await fetch(locked(f"SELECT {MAIL.columns} FROM outbox_mail b WHERE " + dead + " ORDER BY b.id", "b"))
    )


async def known(ids: Sequence[UUID]) -> set[UUID]:
    """Return which of `ids` are the ids of stored mails."""
    return {
        UUID(str(row["id"])) for row in await fetch("SELECT b.id FROM outbox_mail b WHERE " + is_any_of("b.id", ids))
    }


async def queue_again(ids: Sequence[UUID], at: datetime) -> None:
    """Queue dead letters again. They are due at `at`, and their attempts are counted from 0."""
    await write(
        sql(
            "UPDATE outbox_mail SET state = ?, due_at = ?, attempts = 0, finished_at = NULL, problem = NULL WHERE ",
            MailState.QUEUED,
            at,
        )
        + is_any_of("id", ids)
    )
