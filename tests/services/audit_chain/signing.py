"""Sign checkpoints with the keys of the tests or with other keys."""

from __future__ import annotations

from api.security.keys import CheckpointKeys
from rules.audit.checkpoints import Checkpoint
from services.audit_chain import checkpoints
from services.runtime import Runtime
from tests.support.world import World

OTHER = CheckpointKeys([b"another-secret-for-tests-of-32-bytes"])


def with_keys(world: World, keys: CheckpointKeys) -> Runtime:
    """Return the runtime of a server that signs checkpoints with `keys`."""
    given = {name: getattr(world.parts.runtime, name) for name in Runtime.__slots__}
    return Runtime(**{**given, "checkpoints": keys})


async def signed(world: World, runtime: Runtime | None = None) -> list[Checkpoint]:
    """Sign the chains that have grown, as `gatehouse checkpoint` does. Return the new checkpoints."""
    made = list[Checkpoint]()
    await checkpoints.sign_grown(runtime or world.parts.runtime, made.append)
    return made
