"""Sending what is queued: which mail is sent next, by which worker, and what its result means.

Each lane of a worker holds one mail at a time. So a worker that dies takes no other mail's attempt with it, a slow mail
server lets no lease run out on mails that wait, and a link that was superseded a moment ago is not sent any more.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from logging import INFO, WARNING
from uuid import UUID

import structlog

from models.auth import reset_requests
from models.links.table import LinkRow
from models.mail import claims, link_mails
from models.mail.claims import Claimed
from models.mail.table import MailRow, MailState
from rules.mail.delivery import MailProblem
from rules.mail.kinds import PURPOSES
from services.links import token_of
from services.mail import validity as mail_validity
from services.runtime import Runtime

LEASE = timedelta(seconds=40)
"""How long a mail is its worker's unless the lease is renewed; then another worker sends it."""

RENEWED_EVERY = timedelta(seconds=10)
"""How often a worker renews the lease while it sends: late or failed renewals may cost three of them."""

MOST_ATTEMPTS = 12
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=1)

log = structlog.get_logger(__name__)


class NotSent(Exception):
    """The mail was not sent; it may be later. `problem` is a short code, never a server's words, address or link."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


class MailRefused(NotSent):
    """This mail will not be sent, however often it is tried."""


class MailServerUnreachable(NotSent):
    """No mail can be sent just now; it is not this one's fault."""


@dataclass(frozen=True, slots=True)
class ClaimedMail:
    """A mail that this worker sends now. `name` is the recipient's, empty if unknown. A notification has no link."""

    mail: MailRow = field(repr=False)
    link: LinkRow | None = field(repr=False)
    token: str | None = field(repr=False)
    name: str = field(repr=False)
    portal: str
    support_contact: str | None
    actor: str | None = None
    """The admin who caused the mail; None: the recipient, a stranger or the system."""


_NEVER_SENT = {
    "bad-address": MailProblem.ADDRESS_REFUSED,
    "no-smtputf8": MailProblem.ADDRESS_REFUSED,
    "no-letter": MailProblem.INTERNAL_ERROR,
    "abandoned": MailProblem.INTERNAL_ERROR,
}


def problem_class(state: MailState, problem: str | None) -> MailProblem:
    """Return the problem that admins see for a mail that ended in that state."""
    if state is MailState.CANCELLED:
        return MailProblem.NO_LONGER_VALID
    if problem and problem.startswith("5"):
        return MailProblem.ADDRESS_REFUSED
    return _NEVER_SENT.get(problem or "", MailProblem.SERVER_UNAVAILABLE)


class Outbox:
    """The queue as a worker sees it.

    `jitter` returns numbers from 0 to 1, so that mails that failed together are not tried again together.
    `answer_request` answers the oldest request for a password reset.
    """

    def __init__(
        self, runtime: Runtime, jitter: Callable[[], float], *, answer_request: Callable[[Runtime], Awaitable[object]]
    ) -> None:
        self._runtime = runtime
        self._jitter = jitter
        self._answer_request = answer_request

    async def take(self) -> ClaimedMail | None:
        """Return the next mail that is due, leased for LEASE; None when there is none.

        Requests for a password reset are answered first. Mails of which something no longer holds are cancelled on the
        way (rules/mail/validity.py).
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
            elif mail.attempts > MOST_ATTEMPTS:  # a worker died of each of them
                await self._finish(mail, MailState.DEAD, "abandoned")
            elif carries_link and self._token(link) is None:
                # A server with another secret key has queued it: as made here, the link would open nothing.
                await self._again_or_never(mail, "other-secret-key")
            else:
                name = " ".join(filter(None, (claimed.first_name, claimed.last_name)))
                return ClaimedMail(
                    mail, link, self._token(link), name, claimed.portal, claimed.support_contact, claimed.actor
                )
        return None

    def _token(self, link: LinkRow | None) -> str | None:
        return token_of(self._runtime, link) if link else None

    async def renew(self, claimed: ClaimedMail) -> bool:
        """Prolong the lease by LEASE from now; return False when the mail is another worker's by now."""

        async def body() -> bool:
            return await claims.renew(claimed.mail, self._runtime.now() + LEASE)

        return await self._runtime.transactions.run(body)

    async def sent(self, claimed: ClaimedMail) -> None:
        """Write that the mail server accepted the mail."""
        await self._finish(claimed.mail, MailState.SENT, None)

    async def failed(self, claimed: ClaimedMail, error: NotSent) -> None:
        """The mail goes again later, or never when it was refused or tried MOST_ATTEMPTS times."""
        if isinstance(error, MailRefused):
            await self._finish(claimed.mail, MailState.DEAD, error.problem)
        else:
            await self._again_or_never(claimed.mail, error.problem)

    async def _claim(self) -> Claimed | None:
        now = self._runtime.now()
        return await claims.claim(self._runtime.new_id(), now, now + LEASE)

    async def _again_or_never(self, mail: MailRow, problem: str) -> None:
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
            await link_mails.note_sent(link_id, at)
        else:
            await link_mails.note_failed(link_id, problem_class(state, problem), at)

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
