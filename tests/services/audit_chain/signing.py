"""Sign checkpoints, with the keys of the tests or with others."""

from __future__ import annotations

from api.security.keys import CheckpointKeys
from rules.audit.checkpoints import Checkpoint
from services.audit_chain import checkpoints
from services.runtime import Runtime
from tests.support.world import World

OTHER = CheckpointKeys([b"another-secret-for-tests-of-32-bytes"])


def with_keys(world: World, keys: CheckpointKeys) -> Runtime:
    """The runtime of a server with other keys."""
    given = {name: getattr(world.parts.runtime, name) for name in Runtime.__slots__}
    return Runtime(**{**given, "checkpoints": keys})


async def signed(world: World, runtime: Runtime | None = None) -> list[Checkpoint]:
    """What `gatehouse checkpoint` signs."""
    made = list[Checkpoint]()
    await checkpoints.sign_grown(runtime or world.parts.runtime, made.append)
    return made
