"""Functions for tests that set up a second factor and answer challenges, as the owner of an account does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pyotp

from tests.support.world import PASSWORD, Ask, Person, World
from tests.support.world.answers import sign_in

ENROLL = "mutation ($p: String!) { enrollMfa(input: {currentPassword: $p}) { secret otpauthUri recoveryCodes errors { code message path params { name value } } } }"

CONFIRM = "mutation ($c: String!) { confirmMfa(input: {code: $c}) { account { id } errors { code path } } }"

REGENERATE = "mutation ($p: String!) { regenerateRecoveryCodes(input: {currentPassword: $p}) { recoveryCodes errors { code path } } }"

COMPLETE = """
mutation ($input: CompleteMfaChallengeInput!) {
  completeMfaChallenge(input: $input) {
    session { accessToken viewer { id } } mfaChallenge { challengeToken } passwordChange { token } blockers { code }
    errors { code path }
  }
}
"""

WHO = "{ viewer { name } }"

STEP = timedelta(seconds=30)


def code(world: World, secret: str, steps: int = 0) -> str:
    """Return the code that the authenticator app shows now, or `steps` steps of 30 seconds later."""
    return pyotp.TOTP(secret).at(world.clock.now(), counter_offset=steps)


async def enrolled(world: World, ask: Ask, person: Person) -> Any:
    """Set up a second factor for the person, and return the payload with its secret.

    The set-up uses a code, and a code cannot be used twice. The clock then advances by 30 seconds, to the next code.
    """
    enrollment = (await ask(ENROLL, actor=person, p=PASSWORD)).data["enrollMfa"]
    assert enrollment["errors"] == []
    confirmed = (await ask(CONFIRM, actor=person, c=code(world, enrollment["secret"]))).data["confirmMfa"]
    assert confirmed == {"account": {"id": person.gid}, "errors": []}
    world.clock.advance(STEP)
    return enrollment


async def challenged(ask: Ask, person: Person) -> str:
    """Sign in with the password, and return the token of the MFA challenge."""
    payload = await sign_in(ask, person.login, PASSWORD, person.portal.slug if person.portal else None)
    assert (payload["session"], payload["blockers"], payload["errors"]) == (None, [], [])
    return str(payload["mfaChallenge"]["challengeToken"])
