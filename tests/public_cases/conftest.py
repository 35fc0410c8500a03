"""The fixture `letterbox` of the public cases, which reads the mails that the server has sent."""

from __future__ import annotations

import pytest

from tests.public_cases.letterbox import Letterbox
from tests.support.world import World


@pytest.fixture
def letterbox(world: World) -> Letterbox:
    return Letterbox(world)
