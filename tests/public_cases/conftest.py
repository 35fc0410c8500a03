"""What the public cases can ask for besides `world`, `ask` and `clock`."""

from __future__ import annotations

import pytest

from tests.public_cases.letterbox import Letterbox
from tests.support.world import World


@pytest.fixture
def letterbox(world: World) -> Letterbox:
    return Letterbox(world)
