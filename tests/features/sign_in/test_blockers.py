"""A blocker tells why an account cannot sign in, its start and end, and what removes it."""

from __future__ import annotations

from datetime import timedelta

from resolvers.core.scalars import write_instant
from rules.lifecycle.statuses import Status, StatusReason
from tests.support.world import PASSWORD, Ask, TestClock, World

BLOCKERS = """
query ($id: ID!) {
  user(id: $id) { lockedUntil signInBlockers { code message since until suggestedAction } }
}
"""
SIGN_IN = """
mutation ($input: SignInInput!) {
  signIn(input: $input) { session { expiresIn } blockers { code message since until suggestedAction } errors { code } }
}
"""


async def test_a_lockout_says_when_it_ends_and_who_ends_it_earlier(world: World, ask: Ask, clock: TestClock) -> None:
    portal = await world.portal(lockout_minutes=15)
    ann = await world.portal_admin(portal)
    bob = await world.user(portal, status=Status.LOCKED_OUT, resume_status=Status.ACTIVE)
    began = (await world.row(bob)).status_changed_at  # type: ignore[union-attr]  # the user is there

    user = (await ask(BLOCKERS, actor=ann, id=bob.gid)).data["user"]

    ends = write_instant(began + timedelta(minutes=15))
    assert user == {
        "lockedUntil": ends,
        "signInBlockers": [
            {
                "code": "LOCKED_OUT",
                "message": "Sign-in is locked after too many wrong passwords or codes.",
                "since": write_instant(began),
                "until": ends,
                "suggestedAction": "UNLOCK",
            }
        ],
    }


async def test_a_lockout_that_is_over_is_not_shown(world: World, ask: Ask, clock: TestClock) -> None:
    portal = await world.portal(lockout_minutes=15)
    ann = await world.portal_admin(portal)
    bob = await world.user(portal, status=Status.LOCKED_OUT, resume_status=Status.ACTIVE)
    clock.advance(timedelta(minutes=15))

    user = (await ask(BLOCKERS, actor=ann, id=bob.gid)).data["user"]

    assert user == {"lockedUntil": None, "signInBlockers": []}


async def test_a_lockout_that_only_an_admin_ends_has_no_end(world: World, ask: Ask) -> None:
    portal = await world.portal(lockout_minutes=None)
    ann = await world.portal_admin(portal)
    bob = await world.user(portal, status=Status.LOCKED_OUT, resume_status=Status.ACTIVE)

    user = (await ask(BLOCKERS, actor=ann, id=bob.gid)).data["user"]

    assert (user["lockedUntil"], user["signInBlockers"][0]["until"]) == (None, None)


async def test_a_user_who_may_not_sign_in_reads_since_when(world: World, ask: Ask) -> None:
    portal = await world.portal()
    waiting = StatusReason.WAITING_FOR_SEAT
    bob = await world.user(
        portal, status=Status.DEACTIVATED, status_reason=waiting, resume_status=Status.ACTIVE, password=PASSWORD
    )
    began = (await world.row(bob)).status_changed_at  # type: ignore[union-attr]  # the user is there

    given = {"portalSlug": portal.slug, "login": bob.login, "password": PASSWORD}
    payload = (await ask(SIGN_IN, input=given)).data["signIn"]

    (blocker,) = payload["blockers"]
    assert (payload["session"], payload["errors"]) == (None, [])
    assert (blocker["code"], blocker["since"], blocker["until"]) == (waiting, write_instant(began), None)
    assert blocker["suggestedAction"] == "ACTIVATE"
    assert "license seat" in blocker["message"]
