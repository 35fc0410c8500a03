"""What a request knows: who asks, the time, and what api/ fills in, so that no import runs upwards."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeAlias

from strawberry.types import Info as StrawberryInfo

from resolvers.loading.loaders import Loaders
from rules.access import Actor
from rules.refusals import Code, Refusal
from rules.security_events import SecurityEvent
from services.auth.ports import Caller, SignInPorts
from services.runtime import Runtime


@dataclass(slots=True)
class RefreshCookie:
    """The refresh token of a browser that asked to keep it in a cookie, which no script reads.

    `is_asked_for` by a header that no other site's page can send; without it whatever cookie came along is left alone.
    """

    is_asked_for: bool = False
    received: str | None = field(default=None, repr=False)
    kept: str | None = field(default=None, repr=False)
    kept_for: timedelta | None = None
    is_cleared: bool = False

    def keep(self, token: str, lives: timedelta) -> None:
        """The answer sets the cookie."""
        self.kept, self.kept_for, self.is_cleared = token, lives, False

    def clear(self) -> None:
        """The answer takes the cookie away."""
        self.kept, self.kept_for, self.is_cleared = None, None, True


@dataclass(slots=True)
class Context:
    """One request's. `problem` is what is wrong with the token that came along; a request without one has none.

    `invitation_link` gives the full address that an inviter passes on, for a token. A resolver that computes for long in
    every row awaits `breathe` first, so that other requests have their turn.
    """

    runtime: Runtime
    ports: SignInPorts
    invitation_link: Callable[[str], str]
    breathe: Callable[[], Awaitable[None]]
    address: str
    user_agent: str | None = None
    cookie: RefreshCookie = field(default_factory=RefreshCookie)
    actor: Actor | None = None
    problem: Refusal | None = None
    refusals: list[tuple[str, str]] = field(default_factory=list)
    """What mutations of this request refused as data: the field and the code."""
    _loaders: Loaders | None = field(default=None)
    _asked_as: tuple[Actor | None, Refusal | None] | None = field(default=None)

    def now(self) -> datetime:
        return self.runtime.now()

    @property
    def caller(self) -> Caller:
        return Caller(self.address, self.user_agent)

    @property
    def loaders(self) -> Loaders:
        """What this request has read so far; only for accounts."""
        if self._loaders is None:
            self._loaders = Loaders(self.account)
        return self._loaders

    @property
    def account(self) -> Actor:
        """Who acts; Refusal UNAUTHENTICATED for strangers."""
        if self.actor is None:
            raise self.refusal
        return self.actor

    @property
    def refusal(self) -> Refusal:
        """What a caller without an account is told."""
        return self.problem or Refusal(
            Code.UNAUTHENTICATED, "Sign in first, then send the access token: Authorization: Bearer …"
        )

    def show_as(self, actor: Actor) -> None:
        """What lies below a sign-in is shown as the new account sees it, until the next root field begins."""
        self._asked_as = self._asked_as or (self.actor, self.problem)
        self.actor, self.problem = actor, None
        self.forget()

    def note(self, event: SecurityEvent, what: str | None = None) -> None:
        """Write the security event about the account that acts."""
        if self.actor is None:
            self.runtime.security.note(event, what=what)
            return
        self.runtime.security.note(
            event,
            account_id=self.actor.id,
            portal_id=self.actor.portal_id,
            mssp_id=self.actor.mssp_id,
            session_id=self.actor.session_id,
            what=what,
        )

    def begin(self) -> None:
        """Before every root field: the request is that of the token it came with, whoever signed in meanwhile."""
        if self._asked_as is not None:
            (self.actor, self.problem), self._asked_as = self._asked_as, None
            self.forget()

    def forget(self) -> None:
        """After a write: what was read before may be stale."""
        self._loaders = None


Info: TypeAlias = StrawberryInfo[Context, None]
