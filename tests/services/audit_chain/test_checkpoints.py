"""Checkpoints are signed every day, by the current key, and only after a check of the events."""

from __future__ import annotations

from datetime import timedelta

import pytest
from structlog.testing import capture_logs
from tortoise.exceptions import BaseORMException

from api.security.keys import CheckpointKeys
from models.db.sql import sql, write
from models.tables import AuditChain, AuditCheckpoint, Mssp
from rules.audit.checkpoints import checkpoints_in
from rules.housekeeping import KEPT, Task
from services.audit_chain import checkpoints, verification
from services.housekeeping.run import Housekeeping
from tests.services.audit_chain.signing import signed, with_keys
from tests.services.audit_chain.tampering import logged, tamper, told
from tests.services.housekeeping.running import A_DAY, A_SECOND
from tests.support.world import Ask, TestClock, World


async def by_housekeeping(world: World) -> tuple[int, int]:
    """Run the housekeeping. Return the numbers of signed and of dropped checkpoints.

    Assert that the preview of the run gave the same number of signed checkpoints.
    """
    tasks = Housekeeping(world.parts.runtime)
    preview, report = await tasks.preview(), await tasks.run()
    assert report is not None
    assert not report.failed
    assert preview.done[Task.SIGN_CHECKPOINTS] == report.done[Task.SIGN_CHECKPOINTS]
    return report.done[Task.SIGN_CHECKPOINTS], report.done[Task.DROP_CHECKPOINTS]


async def test_a_chain_is_signed_each_day_that_it_has_grown(world: World, ask: Ask, clock: TestClock) -> None:
    nothing = await by_housekeeping(world)
    *_, bob = await logged(world, ask)
    first, again = [await by_housekeeping(world) for _ in range(2)]
    clock.advance(A_DAY + A_SECOND)
    unchanged = await by_housekeeping(world)
    await ask.act("unlockUsers", await world.mssp_admin(), bob)
    grown = await by_housekeeping(world)

    assert [nothing, first, again, unchanged, grown] == [(0, 0), (1, 0), (0, 0), (0, 0), (1, 0)]
    assert [row.sequence for row in await AuditCheckpoint.all().order_by("at")] == [5, 6]
    assert await told(world) == []


async def test_a_checkpoint_is_stored_and_logged_and_its_line_verifies(world: World, ask: Ask) -> None:
    log, *_ = await logged(world, ask)

    with capture_logs() as lines:
        (checkpoint,) = await signed(world)

    (row,) = await AuditCheckpoint.all()
    assert (row.sequence, row.hash, row.signature) == (5, log[-1].hash, checkpoint.signature)
    (line,) = [line for line in lines if line["event"] == "security.audit_checkpoint"]
    assert [*checkpoints_in(line["what"])] == [checkpoint]
    assert (line["portal_id"], line["log_level"]) == (str(checkpoint.chain_id), "info")
    assert world.parts.runtime.checkpoints.is_valid(checkpoint.key, checkpoint.text, checkpoint.signature)
    assert await verification.compare(world.parts.runtime, [checkpoint]) == []


async def test_a_chain_with_a_fault_is_not_signed_and_the_others_are(world: World, ask: Ask) -> None:
    log, *_ = await logged(world, ask)
    nora, other = await world.mssp_admin(), await world.portal("umbra")
    await ask.act("lockUsers", nora, await world.user(other))
    await tamper(sql("UPDATE audit_event SET actor_id = NULL WHERE id = ?", log[2].id))

    with capture_logs() as lines:
        made = await signed(world)

    assert [checkpoint.chain_id for checkpoint in made] == [other.id]
    (line,) = [line for line in lines if line["event"] == "security.audit_chain_broken"]
    assert (line["what"], line["log_level"]) == (f"CHANGED:{log[2].id}", "warning")


async def test_an_earlier_key_still_verifies_and_the_current_one_signs_anew(world: World, ask: Ask) -> None:
    await logged(world, ask)
    await signed(world, with_keys(world, CheckpointKeys([b"o" * 32])))
    rotated = with_keys(world, CheckpointKeys([b"n" * 32, b"o" * 32]))

    assert (await verification.check_all(rotated)).faults == []
    assert [each.key for each in await signed(world, rotated)] == [CheckpointKeys([b"n" * 32]).current]
    assert (await verification.check_all(rotated)).faults == []


async def test_a_long_chain_is_checked_and_signed_in_parts(
    world: World, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    await logged(world, ask)
    monkeypatch.setattr(checkpoints, "MOST_EVENTS", 2)

    made = await signed(world)

    assert [checkpoint.place.sequence for checkpoint in made] == [2, 4, 5]
    assert await told(world) == []


async def test_only_the_newest_checkpoint_of_a_chain_is_kept_for_good(world: World, ask: Ask, clock: TestClock) -> None:
    _, ann, bob = await logged(world, ask)
    for deed in ("unlockUsers", "lockUsers"):
        await signed(world)
        clock.advance(timedelta(minutes=1))
        await ask.act(deed, ann, bob)
    clock.advance(KEPT[Task.DROP_CHECKPOINTS])

    done = await by_housekeeping(world)
    clock.advance(KEPT[Task.DROP_CHECKPOINTS])

    assert done == (1, 2)
    assert await by_housekeeping(world) == (0, 0)
    assert [row.sequence for row in await AuditCheckpoint.all()] == [7]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_checkpoint SET signature = ''",
        "DELETE FROM audit_checkpoint",
        "UPDATE audit_chain SET sequence = 0",
        "UPDATE audit_chain SET hash = ''",
        "UPDATE audit_chain SET earlier = 1",
        "DELETE FROM audit_chain",
    ],
)
async def test_the_database_refuses_to_change_chains_and_checkpoints(world: World, ask: Ask, statement: str) -> None:
    await logged(world, ask)
    await signed(world)

    with pytest.raises(BaseORMException, match=r"audit_chain grows|audit_checkpoint is only added to"):
        await write(sql(statement))

    assert await told(world) == []


async def test_chains_and_checkpoints_of_a_deleted_provider_go_with_it(world: World, ask: Ask) -> None:
    await logged(world, ask)
    await signed(world)

    await (await Mssp.get()).delete()

    assert (await AuditChain.all().count(), await AuditCheckpoint.all().count()) == (0, 0)
