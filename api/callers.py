"""Authentication of HTTP requests, and the context that resolvers receive."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from starlette.requests import Request

from api.core.version import VERSION
from api.graphql.pacing.time_slices import SLICES
from api.mail.rendering import link_to
from api.security import cookies
from api.security.access_tokens import AccessTokens, bearer
from api.settings.settings import Settings
from models.auth import actors
from resolvers.core.context import Context
from rules.access import Actor
from rules.mail.kinds import MailKind
from rules.refusals import Code, Refusal
from rules.security_events import SecurityEvent
from services.ports import MAX_USER_AGENT_LENGTH, SignInPorts
from services.runtime import Runtime


class ContextBuilder:
    """Builds the context of each request: the signed-in account, and the objects that resolvers need.

    The access token names an account and a session. The account is signed in only if the session is still in the
    database.
    """

    def __init__(self, settings: Settings, runtime: Runtime, ports: SignInPorts, tokens: AccessTokens) -> None:
        self._settings = settings
        self._runtime = runtime
        self._ports = ports
        self._tokens = tokens

    async def context(self, request: Request) -> Context:
        """Return the context of `request`.

        If the access token is not valid or its session has ended, the context's `problem` holds the Refusal. Fields
        that require an account raise this Refusal.
        """
        context = Context(
            runtime=self._runtime,
            ports=self._ports,
            invitation_link=partial(link_to, self._settings.link_base_url, MailKind.INVITATION),
            checkpoint=SLICES.checkpoint,
            address=request.client.host if request.client else "unknown",
            version=VERSION,
            user_agent=(request.headers.get("user-agent") or "")[:MAX_USER_AGENT_LENGTH] or None,
            cookie=cookies.read(request),
        )
        try:
            context.actor = await self._actor(request)
        except Refusal as refusal:
            context.problem = refusal
            self._runtime.security.note(SecurityEvent.TOKEN_REFUSED, what=refusal.message)
        return context

    async def _actor(self, request: Request) -> Actor | None:
        token = bearer(", ".join(request.headers.getlist("authorization")) or None)
        if token is None:
            return None
        now = self._runtime.now()
        claims = self._tokens.verify(token, now)
        actor = await actors.acting(claims.account_id, claims.session_id, now)
        if actor is None:
            raise Refusal(Code.UNAUTHENTICATED, "This session has ended. Sign in again.")
        return actor


def caller(context: Context) -> UUID | str:
    """Return the id of the signed-in account, or the client's address if no account is signed in."""
    return context.actor.id if context.actor else context.address
