"""Interfaces that signing in uses: password hashing, encryption, access tokens. The layer `api` implements them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol
from uuid import UUID

from rules.auth.rate_limits import RateLimits
from rules.refusals import WeakPasswordReason


class PasswordHasher(Protocol):
    async def verify(self, password: str, hashed: str | None, address: str, *, is_known: bool = False) -> bool:
        """Return whether `hashed` is a hash of the password.

        If `hashed` is None, compute as long as for a real hash, then return False. `address` is the caller's network
        address. `is_known` states whether the account has signed in from this address before. Such callers get a larger
        share of the hasher's queue. Raise Refusal(RATE_LIMITED) if this queue is full.
        """
        ...

    async def hash(self, password: str, address: str) -> str:
        """Return the hash to store for a new password. `address` is the caller's network address.

        Raise Refusal(RATE_LIMITED) if the hasher's queue is full. Requires a password that `check_length` accepts.
        """
        ...

    def needs_rehash(self, hashed: str) -> bool:
        """Return whether the parameters of the hash differ from the current parameters."""
        ...


class StrengthEstimator(Protocol):
    async def weakness(self, password: str, words: Sequence[str], account_id: Hashable) -> WeakPasswordReason | None:
        """Return why the password is easy to guess, or None if the password is hard to guess.

        - COMMON: the password is common, consists of common passwords, or follows a pattern.
        - CONTAINS_PERSONAL_DATA: a person who knows `words` can guess the password.

        `account_id` identifies the account. Raise Refusal(RATE_LIMITED) if too many passwords are waiting to be
        estimated, or if another password of the account is being estimated.
        """
        ...


class SignedAccessToken(Protocol):
    @property
    def text(self) -> str: ...
    @property
    def expires_in_seconds(self) -> int: ...


class AccessTokenIssuer(Protocol):
    def issue(self, account_id: UUID, session_id: UUID, now: datetime, token_id: UUID) -> SignedAccessToken:
        """Return a signed access token for the session, issued at `now`."""
        ...


class OpenedSecret(NamedTuple):
    """The content of a sealed text, and the name of the key that sealed it.

    `is_current` is true if the text contains the name of the current key. Texts of earlier versions contain no name.
    """

    plain: bytes
    key_name: str
    is_current: bool


class UnknownKey(Exception):
    """Raised if no configured key opens a sealed text for the given row.

    `name` is the key's name in the text, or None if the text names no key.
    """

    def __init__(self, name: str | None) -> None:
        super().__init__("sealed by a key that is not known, or for another row")
        self.name = name


class Encryption(Protocol):
    @property
    def names(self) -> tuple[str, ...]:
        """The names of the configured keys. The first key is the current key, which seals new texts."""
        ...

    def seal(self, plain: bytes, about: UUID) -> str:
        """Return the sealed text of `plain`. The text can be opened only with the row id `about`."""
        ...

    def open(self, sealed: str, about: UUID) -> OpenedSecret:
        """Return the content of a sealed text.

        `about` is the id of the row that stores the text. Raise UnknownKey if no configured key opens the text, or if
        it was sealed for another row.
        """
        ...

    def digest(self, *parts: str) -> str:
        """Return a digest of `parts` under the current key.

        A row can store the digest in place of secret `parts`. A caller who knows `parts` can find the row.
        """
        ...

    def digests(self, *parts: str) -> Iterator[str]:
        """Return the digest of `parts` under each configured key, beginning with the current key."""
        ...


@dataclass(frozen=True, slots=True)
class SignInPorts:
    """The implementations that one process uses for signing in.

    Do not call `passwords` and `strength` inside a transaction: both can wait for a free thread.
    """

    passwords: PasswordHasher
    strength: StrengthEstimator
    limits: RateLimits
    tokens: AccessTokenIssuer
    encryption: Encryption
    sleep: Callable[[timedelta], Awaitable[None]]


MAX_USER_AGENT_LENGTH = 200
"""The maximum number of characters of a User-Agent header that are stored."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The origin of a request: its network address and its User-Agent header."""

    address: str
    user_agent: str | None
