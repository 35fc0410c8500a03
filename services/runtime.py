"""The runtime of one process: the clock, the sources of ids and random bytes, and other objects that writes use.

Services get the runtime as an argument, so that tests can replace the clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypedDict, Unpack
from uuid import UUID

from rules.security_events import SecurityEvent
from services.transactions import Transactions


class LinkSecrets(Protocol):
    def token(self, purpose: str, row_id: UUID, nonce: str) -> str:
        """Return the secret of a link, of at least 256 bits. Equal arguments and server keys give equal secrets."""
        ...

    def tokens(self, purpose: str, row_id: UUID, nonce: str) -> Iterator[str]:
        """Return the secrets that a link can have: one for each configured server key, newest key first."""
        ...


class Signatures(Protocol):
    """A protocol for the signatures of audit log checkpoints. `current` is the public part of the current key."""

    @property
    def current(self) -> str: ...

    def sign(self, text: str) -> str:
        """Return the signature of the text with the current key."""
        ...

    def knows(self, key: str) -> bool:
        """Return whether the key is one of this server's keys, current or earlier."""
        ...

    def is_valid(self, key: str, text: str, signature: str) -> bool:
        """Return whether `signature` is a signature of the text by the key."""
        ...


class EventSubjects(TypedDict, total=False):
    """The objects that a security event is about. Unknown objects are left out.

    `what` is a short text of the server about the event, such as a field's name. It must not contain a caller's text.
    """

    what: str | None
    account_id: UUID | None
    portal_id: UUID | None
    mssp_id: UUID | None
    session_id: UUID | None


class SecurityLog(Protocol):
    def note(self, event: SecurityEvent, **concerned: Unpack[EventSubjects]) -> None:
        """Write one log line about the event and the objects in `concerned`, and add 1 to the event's metric.

        The line also contains the id and the network of the current request.
        """
        ...


@dataclass(frozen=True, slots=True)
class Runtime:
    """The clock, the source of ids and random bytes, and the other objects that every write uses.

    - `now`: returns the current time as an aware UTC datetime.
    - `new_id`: returns a new UUID, which sorts after all earlier ones.
    - `secret`: returns the given number of cryptographically random bytes.
    """

    now: Callable[[], datetime]
    new_id: Callable[[], UUID]
    secret: Callable[[int], bytes]
    links: LinkSecrets
    transactions: Transactions
    security: SecurityLog
    checkpoints: Signatures
