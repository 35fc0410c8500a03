"""The time of a user's last failed sign-in, as managers read it."""

from __future__ import annotations

from datetime import timedelta

from tests.features.lockout.failing import tries
from tests.support.world import PASSWORD, Ask, TestClock, World

FAILED = "query ($id: ID!) { user(id: $id) { lastFailedSignInAt } }"


async def test_the_last_failure_is_shown_after_a_success_too(world: World, ask: Ask, clock: TestClock) -> None:
    portal = await world.portal()
    ann, bob = await world.portal_admin(portal), await world.user(portal, password=PASSWORD)

    async def shown() -> str | None:
        user = (await ask(FAILED, actor=ann, id=bob.gid)).data["user"]
        return None if user["lastFailedSignInAt"] is None else str(user["lastFailedSignInAt"])

    before = await shown()
    await tries(ask, bob)
    clock.advance(timedelta(minutes=1))
    await tries(ask, bob)
    failed = await shown()
    await tries(ask, bob, password=PASSWORD)

    assert (before, failed, await shown()) == (None, *["2026-03-01T09:01:00.000Z"] * 2)


async def test_no_stranger_reads_when_a_sign_in_failed(world: World, ask: Ask) -> None:  # L3
    mine, sibling = await world.portal("mine"), await world.portal("sibling")
    bea, bob = await world.portal_admin(sibling), await world.user(mine, password=PASSWORD)
    await tries(ask, bob)

    assert (await ask(FAILED, actor=bea, id=bob.gid)).data == {"user": None}
