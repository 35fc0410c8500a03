"""The context of a request: the caller, the clock, and the functions that api/ provides."""

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
from services.ports import Caller, SignInPorts
from services.runtime import Runtime


@dataclass(slots=True)
class RefreshCookie:
    """The cookie in which a browser stores the refresh token. Scripts cannot read the cookie.

    - `is_asked_for`: whether the request has the header `Gatehouse-Refresh: cookie`, which pages of other sites cannot
      send. Without the header, the cookie is neither used nor changed.
    - `received`: the refresh token in the request's cookie, or None.
    - `new_token`, `lifetime`: what the response stores in the cookie, and for how long (`keep`).
    - `is_cleared`: whether the response removes the cookie (`clear`).
    """

    is_asked_for: bool = False
    received: str | None = field(default=None, repr=False)
    new_token: str | None = field(default=None, repr=False)
    lifetime: timedelta | None = None
    is_cleared: bool = False

    def keep(self, token: str, lifetime: timedelta) -> None:
        """Make the response set the cookie to `token`. The browser deletes the cookie after the duration `lifetime`."""
        self.new_token, self.lifetime, self.is_cleared = token, lifetime, False

    def clear(self) -> None:
        """Make the response remove the cookie from the browser."""
        self.new_token, self.lifetime, self.is_cleared = None, None, True


@dataclass(slots=True)
class Context:
    """The context of one request, which every resolver gets as `info.context`.

    - `actor`: the account that acts. None if the request has no valid access token.
    - `problem`: why the access token was refused. None if the token is valid or the request has no token.
    - `address`, `user_agent`: the caller's network address and User-Agent header.
    - `invitation_link`: returns the full URL of an invitation for the invitation's token.
    - `version`: the version of the server.
    - `checkpoint`: lets other requests run. Await it before each row of a long computation.
    """

    runtime: Runtime
    ports: SignInPorts
    invitation_link: Callable[[str], str]
    checkpoint: Callable[[], Awaitable[None]]
    address: str
    version: str
    user_agent: str | None = None
    cookie: RefreshCookie = field(default_factory=RefreshCookie)
    actor: Actor | None = None
    problem: Refusal | None = None
    refusals: list[tuple[str, str]] = field(default_factory=list)
    """The refusals in the payloads of this request's mutations, as pairs of the mutation's name and the code."""
    _loaders: Loaders | None = field(default=None)
    _asked_as: tuple[Actor | None, Refusal | None] | None = field(default=None)

    def now(self) -> datetime:
        return self.runtime.now()

    @property
    def caller(self) -> Caller:
        return Caller(self.address, self.user_agent)

    @property
    def loaders(self) -> Loaders:
        """The batched reads of the request. Raise Refusal(UNAUTHENTICATED) if the caller is not signed in."""
        if self._loaders is None:
            self._loaders = Loaders(self.account)
        return self._loaders

    @property
    def account(self) -> Actor:
        """The account that acts. Raise Refusal(UNAUTHENTICATED) if the caller is not signed in."""
        if self.actor is None:
            raise self.refusal
        return self.actor

    @property
    def refusal(self) -> Refusal:
        """The Refusal(UNAUTHENTICATED) for a caller who is not signed in."""
        return self.problem or Refusal(
            Code.UNAUTHENTICATED, "Sign in first, then send the access token: Authorization: Bearer …"
        )

    def show_as(self, actor: Actor) -> None:
        """Resolve the fields of this mutation with the rights of `actor`, until the next root field begins.

        A mutation calls this method after it has signed in `actor`, or has given `actor` more rights.
        """
        self._asked_as = self._asked_as or (self.actor, self.problem)
        self.actor, self.problem = actor, None
        self.forget()

    def note(self, event: SecurityEvent, what: str | None = None) -> None:
        """Log a security event of the account that acts. `what` is the field that caused the event."""
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
        """Prepare for the next root field: it runs with the rights of the request's access token again.

        This ends the effect of `show_as`, with which the previous field may have changed the rights.
        """
        if self._asked_as is not None:
            (self.actor, self.problem), self._asked_as = self._asked_as, None
            self.forget()

    def forget(self) -> None:
        """Discard the rows that the request has read, because a write has changed them."""
        self._loaders = None


Info: TypeAlias = StrawberryInfo[Context, None]
