"""Users who may or may not reset a forgotten password, and the link that one is mailed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from rules.lifecycle.statuses import Status
from tests.features.account.own_account import forgot, link_of
from tests.support.world import PASSWORD, Ask, Person, World

A_MINUTE, A_SECOND = timedelta(minutes=1), timedelta(seconds=1)

MAY_RESET = [Status.ACTIVE, Status.AWAITING_NEW_PASSWORD, Status.RECOVERY, Status.LOCKED_OUT]

MAY_NOT = [status for status in Status if status not in MAY_RESET]


async def asked(world: World, ask: Ask, **given: Any) -> tuple[Person, str]:
    """A user who has asked for a reset, and the link's token."""
    bob = await world.user(**{"email": "bob@acme.test", "password": PASSWORD, **given})
    await forgot(ask, bob.portal, "bob@acme.test")
    return bob, await link_of(world, bob)
