"""Functions for tests that sign in, refresh and sign out, as a client does."""

from __future__ import annotations

from typing import Any

from tests.support.world import PASSWORD, Ask, Person, World
from tests.support.world.answers import sign_in

REFRESH = """
mutation ($input: RefreshSessionInput!) {
  refreshSession(input: $input) {
    session { accessToken refreshToken viewer { id } } mfaChallenge { expiresAt } passwordChange { expiresAt }
    blockers { code } errors { code path }
  }
}
"""

SIGN_OUT = "mutation ($input: SignOutInput!) { signOut(input: $input) { account { id } errors { code path } } }"

WHO = "{ viewer { name } }"


async def signed_in(ask: Ask, person: Person) -> Any:
    """Sign in, and return the session with its `accessToken` and `refreshToken`."""
    return (await sign_in(ask, person.login, PASSWORD, person.portal.slug if person.portal else None))["session"]


async def refreshed(ask: Ask, token: str | None) -> Any:
    """Refresh the session. Return the new session, or the codes of the errors if the refresh is refused."""
    reply = await ask(REFRESH, input={"refreshToken": token} if token else {})
    assert not reply.errors, reply.errors
    payload = reply.data["refreshSession"]
    return payload["session"] or [error["code"] for error in payload["errors"]]


async def a_signed_in_user(world: World, kind: str) -> Person:
    return await (world.mssp_admin(password=PASSWORD) if kind == "staff" else world.user(password=PASSWORD))
