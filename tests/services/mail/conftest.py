"""Fixtures that the tests of this folder share."""

from __future__ import annotations

import pytest

from services.mail.outbox import Outbox
from services.passwords import password_reset
from tests.support.world import World


@pytest.fixture
def outbox(world: World) -> Outbox:
    return Outbox(world.parts.runtime, jitter=lambda: 1.0, answer_request=password_reset.answer_next)
