"""What every write is given: the time, new ids, and the one way to a transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypedDict, Unpack
from uuid import UUID

from rules.security_events import SecurityEvent
from services.transactions import Transactions


class Links(Protocol):
    def token(self, purpose: str, id: UUID, nonce: str) -> str:
        """The secret in a link, at least 256 bit: the same for the same row, and nothing in the database gives it."""
        ...

    def tokens(self, purpose: str, id: UUID, nonce: str) -> Iterator[str]:
        """The same with every key that the server still knows, newest first."""
        ...


class Concerned(TypedDict, total=False):
    """Whom and what a security event concerns, as far as it is known; `what` is a code or a name of ours."""

    what: str | None
    account_id: UUID | None
    portal_id: UUID | None
    mssp_id: UUID | None
    session_id: UUID | None


class SecurityLog(Protocol):
    def note(self, event: SecurityEvent, **concerned: Unpack[Concerned]) -> None:
        """Write one line and count it. Only what is known is in the line; the request's id and network are added."""
        ...


@dataclass(frozen=True, slots=True)
class Runtime:
    """`now` gives aware UTC instants, `new_id` ids that sort by age, `secret` unpredictable bytes."""

    now: Callable[[], datetime]
    new_id: Callable[[], UUID]
    secret: Callable[[int], bytes]
    links: Links
    transactions: Transactions
    security: SecurityLog
