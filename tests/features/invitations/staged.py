"""Users who were added before they are invited."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from rules.lifecycle.statuses import Status
from tests.support.world import Person, World

A_MINUTE = timedelta(minutes=1)

AN_INSTANT = timedelta(milliseconds=1)


async def staged(world: World, **given: Any) -> Person:
    return await world.user(**{"status": Status.STAGED, "email": "bob@acme.test", **given})
