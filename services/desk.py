"""What signing in and choosing passwords need from outside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID


class Passwords(Protocol):
    async def verify(self, password: str, hashed: str | None) -> bool:
        """Whether it is the password; costs the same when there is no hash."""
        ...

    async def hash(self, password: str) -> str:
        """What is stored of it; Refusal INVALID_INPUT when it is no password."""
        ...

    async def is_guessable(self, password: str, words: Sequence[str]) -> bool:
        """Whether it is on the lists of common passwords, or made of such, or of these words."""
        ...


SIGN_INS, RESETS, CHANGES = "sign-ins", "password resets", "changes of accounts"
"""What a network may try so and so often; one kind does not use up another's tries."""


class Limits(Protocol):
    def reserve(self, address: str, now: datetime, what: str = SIGN_INS) -> None:
        """Takes one try of the network that the address is in; Refusal RATE_LIMITED when there are none left."""
        ...

    def succeeded(self, address: str, what: str = SIGN_INS) -> None:
        """Gives the try back."""
        ...


class Token(Protocol):
    @property
    def text(self) -> str: ...
    @property
    def expires_in_seconds(self) -> int: ...


class Tokens(Protocol):
    def issue(self, account_id: UUID, session_id: UUID, now: datetime, token_id: UUID) -> Token:
        """A signed access token for that session."""
        ...


class Seals(Protocol):
    def seal(self, plain: bytes, about: UUID) -> str:
        """The secret as it may be stored: only this server opens it, and only as that row's."""
        ...

    def open(self, sealed: str, about: UUID) -> bytes:
        """What was sealed; ValueError where it was not, or for another row."""
        ...

    def digest(self, *parts: str) -> str:
        """A keyed digest, under which things are found again that are not to be read."""
        ...

    def digests(self, *parts: str) -> Iterator[str]:
        """The same with every key that the server still knows, newest first."""
        ...


@dataclass(frozen=True, slots=True)
class SignInDesk:
    """One process's; `passwords` hash beside the event loop, so never inside a transaction."""

    passwords: Passwords
    limits: Limits
    tokens: Tokens
    seals: Seals


@dataclass(frozen=True, slots=True)
class Caller:
    """Where somebody signs in from."""

    address: str
    user_agent: str | None
