"""The events of a sign-in are written while a bulk action has locked the portal."""

from __future__ import annotations

import asyncio

from models.portals import lookup as portals
from tests.features.audit.test_sign_ins import guess, log
from tests.support.databases import on_postgres
from tests.support.world import PASSWORD, Ask, World
from tests.support.world.answers import sign_in


@on_postgres
async def test_a_sign_in_does_not_wait_for_a_bulk_action_that_holds_the_portal(world: World, ask: Ask) -> None:
    portal = await world.portal("acme")
    ann, bob = await world.portal_admin(portal), await world.user(portal, password=PASSWORD)

    is_held, may_end = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        await portals.lock([portal.id])
        is_held.set()
        await may_end.wait()

    bulk_action = asyncio.create_task(world.parts.runtime.transactions.run(hold))
    async with asyncio.timeout(5):
        await is_held.wait()
        await guess(ask, bob)
        payload = await sign_in(ask, bob.login, PASSWORD, "acme")
    may_end.set()
    await bulk_action

    assert payload["session"]
    assert [event["event"] for event in await log(ask, ann, bob)] == ["USER_SIGN_IN_FAILED", "USER_SIGNED_IN"]
