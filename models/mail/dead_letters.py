"""Queued and given-up mails as the operator reads them and has them sent again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from models.db.dialect import is_any_of, locked
from models.db.sql import fetch, sql, write
from models.mail.table import MAIL, MailRow, MailState


async def in_state(state: MailState, most: int) -> list[MailRow]:
    """The oldest mails in that state, up to so many."""
    return MAIL.read(
        await fetch(
            f"SELECT {MAIL.columns} FROM outbox_mail b WHERE "
            + sql("b.state = ? ORDER BY b.created_at, b.id LIMIT ?", state, most)
        )
    )


async def lock_dead(ids: Sequence[UUID] | None) -> list[MailRow]:
    """Those of the mails that were given up, all such for None; locked until the transaction ends."""
    dead = sql("b.state = ?", MailState.DEAD) + ("" if ids is None else " AND " + is_any_of("b.id", ids))
    return MAIL.read(
        await fetch(locked(f"SELECT {MAIL.columns} FROM outbox_mail b WHERE " + dead + " ORDER BY b.id", "b"))
    )


async def known(ids: Sequence[UUID]) -> set[UUID]:
    """Those of the ids that are a mail's."""
    return {
        UUID(str(row["id"])) for row in await fetch("SELECT b.id FROM outbox_mail b WHERE " + is_any_of("b.id", ids))
    }


async def queue_again(ids: Sequence[UUID], at: datetime) -> None:
    """Makes mails that were given up due now, as if they had never been tried."""
    await write(
        sql(
            "UPDATE outbox_mail SET state = ?, due_at = ?, attempts = 0, finished_at = NULL, problem = NULL WHERE ",
            MailState.QUEUED,
            at,
        )
        + is_any_of("id", ids)
    )
