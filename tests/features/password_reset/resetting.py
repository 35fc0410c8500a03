"""The statuses in which a user may reset a forgotten password, and a user who has requested a reset."""

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
    """Return a user who has requested a password reset, and the token of the mailed link."""
    bob = await world.user(**{"email": "bob@acme.test", "password": PASSWORD, **given})
    await forgot(ask, bob.portal, "bob@acme.test")
    return bob, await link_of(world, bob)
