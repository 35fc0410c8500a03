"""The outbox for mail workers: a worker leases the next mail, sends the mail, and stores the result.

A worker has several tasks, and each task leases only the mail that it sends next. If the worker crashes, only these
mails lose an attempt. The link of a mail is checked immediately before the mail is sent.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from logging import INFO, WARNING
from uuid import UUID

import structlog

from models.auth import reset_requests
from models.links import mail_state
from models.links.table import LinkRow
from models.mail import claims
from models.mail.claims import Claimed
from models.mail.table import MailRow, MailState
from rules.mail.kinds import PURPOSES
from rules.mail.mail_states import MailProblem
from services.links import token_of
from services.mail import validity as mail_validity
from services.runtime import Runtime

LEASE = timedelta(seconds=40)
"""How long a worker's lease of a queued mail lasts. After this time, another worker can lease and send the mail."""

RENEWED_EVERY = timedelta(seconds=10)
"""The interval at which a worker renews the lease of a mail during sending. A lease outlasts three missed renewals."""

MOST_ATTEMPTS = 12
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=1)

LAST_ATTEMPT_AFTER = sum((min(FIRST_PAUSE * 2**n, LONGEST_PAUSE) for n in range(MOST_ATTEMPTS - 1)), timedelta())
"""The maximum time from the first attempt to the last: the sum of the longest pauses between the attempts.

The pauses are random, so the time can also be shorter, down to half of the maximum.
"""

log = structlog.get_logger(__name__)


class NotSent(Exception):
    """Raised if a mail was not sent. A later attempt may succeed.

    `problem` is a short code. It contains no reply of the mail server, no address and no link.
    """

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


class MailRefused(NotSent):
    """Raised if a mail was refused permanently. No attempt can succeed."""


class MailServerUnreachable(NotSent):
    """Raised if the mail server cannot be reached. The mail itself is not the cause."""


@dataclass(frozen=True, slots=True)
class MailToSend:
    """A mail that a worker has leased, with the values that its text contains.

    `name` is the recipient's name, or empty if unknown. `link` and `token` are None for a notification.
    """

    mail: MailRow = field(repr=False)
    link: LinkRow | None = field(repr=False)
    token: str | None = field(repr=False)
    name: str = field(repr=False)
    portal: str
    support_contact: str | None
    actor: str | None = None
    """The name of the admin who caused the mail. None if no admin caused the mail."""


_NEVER_SENT = {
    "bad-address": MailProblem.ADDRESS_REFUSED,
    "no-smtputf8": MailProblem.ADDRESS_REFUSED,
    "not-rendered": MailProblem.INTERNAL_ERROR,
    "abandoned": MailProblem.INTERNAL_ERROR,
}


def problem_class(state: MailState, problem: str | None) -> MailProblem:
    """Return the kind of problem that admins see for a mail that was not sent.

    `state` is the mail's final state. `problem` is the code of the last failure, or None if no attempt failed.
    """
    if state is MailState.CANCELLED:
        return MailProblem.NO_LONGER_VALID
    if problem and problem.startswith("5"):
        return MailProblem.ADDRESS_REFUSED
    return _NEVER_SENT.get(problem or "", MailProblem.SERVER_UNAVAILABLE)


class Outbox:
    """The queue of mails, as a mail worker uses it.

    `jitter` returns a random number from 0 to 1, which varies the pauses. Mails that failed together are then not
    retried together. `answer_request` answers the oldest request for a password reset.
    """

    def __init__(
        self, runtime: Runtime, jitter: Callable[[], float], *, answer_request: Callable[[Runtime], Awaitable[object]]
    ) -> None:
        self._runtime = runtime
        self._jitter = jitter
        self._answer_request = answer_request

    async def take(self) -> MailToSend | None:
        """Lease the next due mail until LEASE from now, and return the mail. Return None if no mail is due.

        If there is a request for a password reset, it is answered first. A due mail is passed over in these cases:

        - The mail must not be sent any more (rules/mail/validity.py). The mail is cancelled.
        - The attempts of the mail are used up. The mail becomes a dead letter.
        - The key of the mail's link is not configured. The mail is queued again.
        """
        if await reset_requests.is_any_left():
            await self._answer_request(self._runtime)
        while await claims.is_any_due(self._runtime.now()):
            claimed = await self._runtime.transactions.run(self._claim)
            if claimed is None:
                return None
            mail, link = claimed.mail, claimed.link
            carries_link = mail.kind in PURPOSES
            problems = await mail_validity.problems([mail], {link.id: link} if link else {}, self._runtime.now())
            if problem := problems.get(mail.id):
                await self._finish(mail, MailState.CANCELLED, problem)
            elif mail.attempts > MOST_ATTEMPTS:  # a worker crashed at each attempt
                await self._finish(mail, MailState.DEAD, "abandoned")
            elif carries_link and self._token(link) is None:
                # A server with another secret key queued the mail. A link made with this server's key would be invalid.
                await self._retry_or_give_up(mail, "other-secret-key")
            else:
                name = " ".join(filter(None, (claimed.first_name, claimed.last_name)))
                return MailToSend(
                    mail, link, self._token(link), name, claimed.portal, claimed.support_contact, claimed.actor
                )
        return None

    def _token(self, link: LinkRow | None) -> str | None:
        return token_of(self._runtime, link) if link else None

    async def renew(self, claimed: MailToSend) -> bool:
        """Prolong the lease of the mail until LEASE from now.

        Return False if the mail was deleted, or if another worker has leased the mail.
        """

        async def body() -> bool:
            return await claims.renew(claimed.mail, self._runtime.now() + LEASE)

        return await self._runtime.transactions.run(body)

    async def record_sent(self, claimed: MailToSend) -> None:
        """Store that the mail server accepted the mail."""
        await self._finish(claimed.mail, MailState.SENT, None)

    async def record_failure(self, claimed: MailToSend, error: NotSent) -> None:
        """Store a failed attempt. The mail is retried later, or becomes a dead letter.

        It becomes a dead letter if `error` is MailRefused, or after MOST_ATTEMPTS attempts.
        """
        if isinstance(error, MailRefused):
            await self._finish(claimed.mail, MailState.DEAD, error.problem)
        else:
            await self._retry_or_give_up(claimed.mail, error.problem)

    async def _claim(self) -> Claimed | None:
        now = self._runtime.now()
        return await claims.claim(self._runtime.new_id(), now, now + LEASE)

    async def _retry_or_give_up(self, mail: MailRow, problem: str) -> None:
        if mail.attempts >= MOST_ATTEMPTS:
            await self._finish(mail, MailState.DEAD, problem)
            return
        pause = min(FIRST_PAUSE * 2 ** (mail.attempts - 1), LONGEST_PAUSE) * (1 + self._jitter()) / 2
        now = self._runtime.now()
        await self._settle(mail, MailState.QUEUED, problem, due_at=now + pause, finished_at=None)

    async def _finish(self, mail: MailRow, state: MailState, problem: str | None) -> None:
        now = self._runtime.now()
        await self._settle(mail, state, problem, due_at=now, finished_at=now)

    async def _note(self, link_id: UUID, state: MailState, problem: str | None, at: datetime) -> None:
        if state is MailState.SENT:
            await mail_state.note_sent(link_id, at)
        else:
            await mail_state.note_failed(link_id, problem_class(state, problem), at)

    async def _settle(
        self, mail: MailRow, state: MailState, problem: str | None, *, due_at: datetime, finished_at: datetime | None
    ) -> None:
        async def body() -> bool:
            is_written = await claims.store_result(mail, state, problem, due_at=due_at, finished_at=finished_at)
            if is_written and mail.link_id and finished_at:
                await self._note(mail.link_id, state, problem, finished_at)
            return is_written

        is_written = await self._runtime.transactions.run(body)
        result = {"mail_id": str(mail.id), "kind": str(mail.kind), "state": str(state), "attempts": mail.attempts}
        if is_written:
            log.log(WARNING if state is MailState.DEAD else INFO, "mail.result", **result, problem=problem)
        else:
            log.warning("mail.claim_lost", **result, problem=problem)
