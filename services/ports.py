"""The interfaces that signing in and choosing passwords need; `api` implements them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol
from uuid import UUID

from rules.auth.rate_limits import RateLimits


class Passwords(Protocol):
    async def verify(self, password: str, hashed: str | None, address: str, *, is_known: bool = False) -> bool:
        """Return whether it is the password; None costs the same. `address` is the caller's, `is_known` whether the
        account has signed in from there. Raise Refusal(RATE_LIMITED) if the queue is full."""
        ...

    async def hash(self, password: str, address: str) -> str:
        """Return what is stored of it. Raise Refusal(INVALID_INPUT) if it cannot be a password, RATE_LIMITED."""
        ...

    def needs_rehash(self, hashed: str) -> bool:
        """Return whether the hash was made with other parameters than today's."""
        ...


class Strength(Protocol):
    async def is_guessable(self, password: str, words: Sequence[str], chooser: Hashable) -> bool:
        """Return whether it is a common password, or made of such, or of these words.

        Raise Refusal(RATE_LIMITED) if the queue is full or an estimate for `chooser` is in it.
        """
        ...


class Token(Protocol):
    @property
    def text(self) -> str: ...
    @property
    def expires_in_seconds(self) -> int: ...


class Tokens(Protocol):
    def issue(self, account_id: UUID, session_id: UUID, now: datetime, token_id: UUID) -> Token:
        """Return a signed access token for the session."""
        ...


class Opened(NamedTuple):
    """The content of a sealed text. With `is_current` False it is to be sealed again: by the current key, with its name."""

    plain: bytes
    key_name: str
    is_current: bool


class UnknownKey(Exception):
    """No known key opens a sealed text, or it belongs to another row. `name` is the key's; None if the text names none."""

    def __init__(self, name: str | None) -> None:
        super().__init__("sealed by a key that is not known, or for another row")
        self.name = name


class Encryption(Protocol):
    @property
    def names(self) -> tuple[str, ...]:
        """The names of the known keys; the first seals."""
        ...

    def seal(self, plain: bytes, about: UUID) -> str:
        """Return the sealed text, which opens for the row `about` only."""
        ...

    def open(self, sealed: str, about: UUID) -> Opened:
        """Return what was sealed. Raise UnknownKey if no known key sealed it for the row `about`."""
        ...

    def digest(self, *parts: str) -> str:
        """Return a keyed digest: it finds a value again without storing it."""
        ...

    def digests(self, *parts: str) -> Iterator[str]:
        """Return the digest under each known key, beginning with the one that seals."""
        ...


@dataclass(frozen=True, slots=True)
class SignInPorts:
    """The ports of one process.

    `passwords` and `strength` work in threads and may take long: do not call them in a transaction.
    """

    passwords: Passwords
    strength: Strength
    limits: RateLimits
    tokens: Tokens
    encryption: Encryption
    sleep: Callable[[timedelta], Awaitable[None]]


MAX_USER_AGENT_LENGTH = 200
"""Characters of a User-Agent header that are kept."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The network address and the program that a request comes from."""

    address: str
    user_agent: str | None
