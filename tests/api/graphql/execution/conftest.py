"""Fixtures that the tests of this folder share."""

from __future__ import annotations

import pytest

from tests.support.world import Person, World


@pytest.fixture
async def ann(world: World) -> Person:
    await world.portal("harbour")
    return await world.portal_admin()


@pytest.fixture
async def token(world: World, ann: Person) -> str:
    return await world.token(ann)
