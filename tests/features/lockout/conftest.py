"""Fixtures that the tests of this folder share."""

from __future__ import annotations

import pytest

from tests.support.world import PASSWORD, Person, World


@pytest.fixture
async def bob(world: World) -> Person:
    """Create a user in a portal where three wrong passwords lock an account for 15 minutes."""
    return await world.user(await world.portal("acme", lockout_threshold=3), password=PASSWORD)
