"""The runtime: what the writes of one process take from outside.

It provides the clock, new ids, random bytes, link secrets, transactions and the security log.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypedDict, Unpack
from uuid import UUID

from rules.security_events import SecurityEvent
from services.transactions import Transactions


class Links(Protocol):
    def token(self, purpose: str, row_id: UUID, nonce: str) -> str:
        """Return the secret of a link, at least 256 bits long. It depends only on the arguments and the server key."""
        ...

    def tokens(self, purpose: str, row_id: UUID, nonce: str) -> Iterator[str]:
        """Return the secret of a link under each configured server key, newest key first."""
        ...


class EventSubjects(TypedDict, total=False):
    """The subjects of a security event. Unknown subjects are left out. `what` is a constant, never a caller's text."""

    what: str | None
    account_id: UUID | None
    portal_id: UUID | None
    mssp_id: UUID | None
    session_id: UUID | None


class SecurityLog(Protocol):
    def note(self, event: SecurityEvent, **concerned: Unpack[EventSubjects]) -> None:
        """Write one log line for the event, and add 1 to the event's metric.

        The line contains the given subjects, and the id and the network of the current request.
        """
        ...


@dataclass(frozen=True, slots=True)
class Runtime:
    """The clock, new ids, random bytes and other services that every write uses.

    `now` returns the current time as an aware UTC datetime. `new_id` returns a new UUID. UUIDs sort by creation time.
    `secret` returns the given number of cryptographically random bytes.
    """

    now: Callable[[], datetime]
    new_id: Callable[[], UUID]
    secret: Callable[[int], bytes]
    links: Links
    transactions: Transactions
    security: SecurityLog
