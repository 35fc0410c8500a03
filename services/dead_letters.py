"""Mail as the operator sees it: what is queued, what was given up, and what may be tried again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from models import dead_letters, links
from models.outbox import MailRow, MailState
from rules.mail_kinds import MailKind
from services.mails import PURPOSE
from services.work import Work


class Retried(StrEnum):
    """What became of the wish to send a mail again."""

    QUEUED = "QUEUED"
    LINK_DEAD = "LINK_DEAD"
    NOT_DEAD = "NOT_DEAD"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Listed:
    """One mail, its recipient made unreadable."""

    id: UUID
    kind: MailKind
    state: MailState
    recipient: str
    attempts: int
    problem: str | None
    created_at: datetime
    age_seconds: int


async def mails(work: Work, state: MailState, most: int) -> list[Listed]:
    """The oldest mails in that state, up to so many."""
    now = work.now()
    return [
        Listed(
            id=mail.id,
            kind=mail.kind,
            state=mail.state,
            recipient=masked(mail.recipient),
            attempts=mail.attempts,
            problem=mail.problem,
            created_at=mail.created_at,
            age_seconds=max(0, int((now - mail.created_at).total_seconds())),
        )
        for mail in await dead_letters.in_state(state, most)
    ]


async def retry(work: Work, ids: Sequence[UUID] | None) -> dict[UUID, Retried]:
    """Queues dead letters again, all of them for None; those whose link is dead, and what is no dead letter, stay."""

    async def write() -> dict[UUID, Retried]:
        now = work.now()
        found = await dead_letters.lock_dead(ids)
        known = await dead_letters.known(ids) if ids is not None else set[UUID]()
        living = await links.by_id([mail.link_id for mail in found if mail.link_id])
        answers = {
            mail.id: _answer(mail, mail.link_id in living and living[mail.link_id].lives_at(now)) for mail in found
        }
        for id in ids or ():
            answers.setdefault(id, Retried.NOT_DEAD if id in known else Retried.UNKNOWN)

        await dead_letters.queue_again([id for id, answer in answers.items() if answer is Retried.QUEUED], now)
        return answers

    return await work.transactions.run(write)


def masked(recipient: str) -> str:
    """Enough of an address to recognise a domain that has trouble, too little to recognise anybody."""
    name, at, domain = recipient.rpartition("@")
    return f"{name[:1]}…{at}{domain}" if at else "…"


def _answer(mail: MailRow, link_lives: bool) -> Retried:
    return Retried.QUEUED if mail.kind not in PURPOSE or link_lives else Retried.LINK_DEAD
