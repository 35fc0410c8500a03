"""What every write needs: the time, new ids, links, transactions and the security log."""

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
        """Return the secret of a link, at least 256 bits. It depends on the arguments and the server's key only."""
        ...

    def tokens(self, purpose: str, row_id: UUID, nonce: str) -> Iterator[str]:
        """Return the secret of a link for every key that the server knows, newest key first."""
        ...


class Concerned(TypedDict, total=False):
    """The subjects of a security event, as far as they are known. `what` is a code or a name from the code."""

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
