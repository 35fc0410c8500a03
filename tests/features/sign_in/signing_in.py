"""Documents and functions that the tests of the sign-in share."""

from __future__ import annotations

from typing import Any

from tests.support.world import PASSWORD, Person, World

WHO = "{ viewer { __typename name } }"


async def a_user(world: World, **given: Any) -> Person:
    return await world.user(username="Bob.Lee", email="Bob@Acme.Test", password=PASSWORD, **given)
