"""Dead letters: mails that the server stopped trying to send. The operator lists them and queues them again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from models.links import lookup as link_lookup
from models.links import mail_state
from models.mail import dead_letters
from models.mail.table import MailState
from rules.mail.kinds import MailKind
from services.mail import validity as mail_validity
from services.runtime import Runtime


class RetryResult(StrEnum):
    """The result of `retry` for one mail.

    - QUEUED: the mail is queued again.
    - LINK_DEAD: the mail's link is no longer active. The mail stays a dead letter.
    - OUTDATED: the mail is no longer needed for another reason. The mail stays a dead letter.
    - NOT_DEAD: the mail is not a dead letter.
    - UNKNOWN: no mail has the id.
    """

    QUEUED = "QUEUED"
    LINK_DEAD = "LINK_DEAD"
    OUTDATED = "OUTDATED"
    NOT_DEAD = "NOT_DEAD"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class ListedMail:
    """A mail as the operator's list shows it. `recipient` is the masked address."""

    id: UUID
    kind: MailKind
    state: MailState
    recipient: str
    attempts: int
    problem: str | None
    created_at: datetime
    age_seconds: int


async def list_mails(runtime: Runtime, state: MailState, most: int) -> list[ListedMail]:
    """Return the oldest mails in the state `state`, at most `most` of them."""
    now = runtime.now()
    return [
        ListedMail(
            id=mail.id,
            kind=mail.kind,
            state=mail.state,
            recipient=mask_recipient(mail.recipient),
            attempts=mail.attempts,
            problem=mail.problem,
            created_at=mail.created_at,
            age_seconds=max(0, int((now - mail.created_at).total_seconds())),
        )
        for mail in await dead_letters.in_state(state, most)
    ]


async def retry(runtime: Runtime, ids: Sequence[UUID] | None) -> dict[UUID, RetryResult]:
    """Queue dead letters again. Return the result for each mail, by mail id.

    `ids` are the ids of mails. None selects all dead letters. A mail that must not be sent any more stays unchanged
    (rules/mail/validity.py).
    """

    async def write() -> dict[UUID, RetryResult]:
        now = runtime.now()
        found = await dead_letters.lock_dead(ids)
        known = await dead_letters.known(ids) if ids is not None else set[UUID]()
        living = await link_lookup.by_id([mail.link_id for mail in found if mail.link_id])
        problems = await mail_validity.problems(found, living, now)
        answers = {mail.id: _answer(problems.get(mail.id)) for mail in found}
        for mail_id in ids or ():
            answers.setdefault(mail_id, RetryResult.NOT_DEAD if mail_id in known else RetryResult.UNKNOWN)

        again = [mail for mail in found if answers[mail.id] is RetryResult.QUEUED]
        await dead_letters.queue_again([mail.id for mail in again], now)
        await mail_state.note_queued([mail.link_id for mail in again if mail.link_id])
        return answers

    return await runtime.transactions.run(write)


def mask_recipient(recipient: str) -> str:
    """Hide the recipient except the first character and the domain, such as `a…@acme.test`.

    The domain helps the operator to find a faulty mail server. Return `…` if the text contains no `@`.
    """
    name, at, domain = recipient.rpartition("@")
    return f"{name[:1]}…{at}{domain}" if at else "…"


def _answer(problem: str | None) -> RetryResult:
    if problem is None:
        return RetryResult.QUEUED
    return RetryResult.LINK_DEAD if problem == mail_validity.LINK_DEAD else RetryResult.OUTDATED
