"""Write the state of a link's mail (queued, sent or failed) to the row of the link.

The row of the mail can be deleted before the row of the link, so the link has a copy of the state.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from models.db.dialect import is_any_of
from models.db.sql import sql, write
from rules.mail.mail_states import LinkMailState, MailProblem


async def note_queued(link_ids: Iterable[UUID]) -> None:
    """Store for each link that a new mail with the link is queued."""
    await write(
        sql("UPDATE link_token SET mail_state = ?, mail_problem = NULL WHERE ", LinkMailState.QUEUED)
        + is_any_of("id", link_ids)
    )


async def note_sent(link_id: UUID, at: datetime) -> None:
    """Store that the mail server accepted a mail with the link at `at`."""
    await write(
        sql(
            "UPDATE link_token SET mail_state = ?, mail_problem = NULL, sent_at = ? WHERE id = ?",
            LinkMailState.SENT,
            at,
            link_id,
        )
    )


async def note_failed(link_id: UUID, problem: MailProblem, at: datetime) -> None:
    """Store that a mail with the link failed at `at`. The mail is not sent again."""
    await write(
        sql(
            "UPDATE link_token SET mail_state = ?, mail_problem = ?, mail_failed_at = ? WHERE id = ?",
            LinkMailState.FAILED,
            problem,
            at,
            link_id,
        )
    )
