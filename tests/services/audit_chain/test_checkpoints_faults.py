"""Checkpoints reveal that a chain was rewritten or cut off, which the chain alone does not. Changed checkpoints are
faults.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest

from models.db.sql import sql
from rules.audit.chain import BEGINNING, ChainPlace, hash_of
from services.audit_chain import verification
from tests.services.audit_chain.signing import OTHER, signed, with_keys
from tests.services.audit_chain.tampering import found, logged, tamper
from tests.support.world import Ask, World


async def rewrite(log: Sequence[Any], actor_id: UUID) -> None:
    """Change the actor of the second event to `actor_id`, and compute valid hashes for it and all later events.

    `log` has all events of a chain.
    """
    place = BEGINNING
    for event in log:
        event.actor_id = actor_id if event.sequence == 2 else event.actor_id
        place = ChainPlace(event.sequence, hash_of(place.hash, event.sequence, event, event.digest))
        await tamper(
            sql("UPDATE audit_event SET actor_id = ?, hash = ? WHERE id = ?", event.actor_id, place.hash, event.id)
        )
    await tamper(sql("UPDATE audit_chain SET hash = ? WHERE id = ?", place.hash, log[0].portal_id))


async def test_only_a_checkpoint_tells_that_a_chain_was_rewritten_without_a_gap(world: World, ask: Ask) -> None:
    log, *_ = await logged(world, ask)
    await rewrite(log, UUID(int=1))
    before_a_checkpoint = await found(world)
    await signed(world)

    await rewrite(log, UUID(int=2))

    assert before_a_checkpoint == []
    assert await found(world) == [("REWRITTEN", log[4].id)]


async def test_a_rewritten_chain_is_not_signed_again(world: World, ask: Ask) -> None:
    log, ann, bob = await logged(world, ask)
    await signed(world)

    await rewrite(log, UUID(int=2))
    await ask.act("unlockUsers", ann, bob)

    assert await signed(world) == []


async def test_a_checkpoint_finds_events_that_were_cut_off_with_the_head(world: World, ask: Ask) -> None:
    log, *_ = await logged(world, ask)
    await signed(world)

    await tamper(
        "DELETE FROM audit_event WHERE sequence > 3",
        sql("UPDATE audit_chain SET sequence = 3, hash = ?", log[2].hash),
    )

    assert await found(world) == [("TRUNCATED", None)]
    assert await signed(world) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("signature = 'AAAA'", "SIGNATURE_WRONG"),
        ("sequence = 4", "SIGNATURE_WRONG"),
        ("at = '2026-03-01 10:00:00+00:00'", "SIGNATURE_WRONG"),
        (f"hash = '{'f' * 64}'", "SIGNATURE_WRONG"),
        (f"key = '{OTHER.current}'", "SIGNATURE_WRONG"),
        ("key = 'no key'", "SIGNATURE_WRONG"),
    ],
)
async def test_a_changed_checkpoint_is_found(world: World, ask: Ask, change: str, fault: str) -> None:
    log, *_ = await logged(world, ask)
    await signed(world)

    await tamper(f"UPDATE audit_checkpoint SET {change}")

    assert (fault, log[3 if change == "sequence = 4" else 4].id) in await found(world)


async def test_a_checkpoint_of_an_unknown_key_is_a_fault_until_the_chain_is_signed_anew(world: World, ask: Ask) -> None:
    log, *_ = await logged(world, ask)
    await signed(world, with_keys(world, OTHER))
    foreign = await found(world)

    made = await signed(world)

    assert foreign == [("KEY_UNKNOWN", None)]
    assert [checkpoint.place for checkpoint in made] == [ChainPlace(5, log[-1].hash)]
    assert await found(world) == []
    assert await signed(world) == []


async def test_checkpoints_kept_elsewhere_tell_what_the_database_no_longer_can(world: World, ask: Ask) -> None:
    log, *_ = await logged(world, ask)
    (kept,) = await signed(world)
    runtime = world.parts.runtime
    forged, unknown = kept._replace(place=ChainPlace(4, kept.place.hash)), kept._replace(key=OTHER.current)
    name = "audit log of portal acme, number 5, by a given checkpoint: "

    as_given = await verification.compare(runtime, [kept, forged, unknown])
    await tamper(sql("UPDATE audit_event SET hash = 'ffff' WHERE id = ?", log[4].id))
    changed = await verification.compare(runtime, [kept])
    await tamper(sql("DELETE FROM audit_event WHERE id = ?", log[4].id))
    missing = await verification.compare(runtime, [kept])
    await tamper("DELETE FROM audit_checkpoint", "UPDATE audit_chain SET sequence = 4")
    cut = await verification.compare(runtime, [kept])
    await tamper("DELETE FROM audit_event", "DELETE FROM audit_chain")
    deleted = await verification.compare(runtime, [kept])

    assert [line.partition(" checkpoint: ")[2].partition(":")[0] for line in as_given] == [
        "SIGNATURE_WRONG",
        "KEY_UNKNOWN",
    ]
    assert [
        line.startswith(name + kind)
        for (line,), kind in ((changed, "REWRITTEN"), (missing, "MISSING"), (cut, "TRUNCATED"))
    ] == [True] * 3
    assert deleted[0].startswith(
        f"audit log of portal or MSSP {kept.chain_id}, number 5, by a given checkpoint: NO_CHAIN"
    )
