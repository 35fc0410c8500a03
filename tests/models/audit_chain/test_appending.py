"""At the end of a transaction, its events are added to their chains, without gaps and without deadlocks."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from random import Random
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from models import audit
from models.audit import AuditRow
from models.tables import AuditEvent, Portal
from rules.audit_events import AuditEventType
from services.audit_chain import verification
from tests.features.listing.counting_statements import statements
from tests.support.databases import on_postgres
from tests.support.world import World


def event(world: World, portal: Portal, user_id: UUID | None = None, reason: str | None = None) -> AuditRow:
    return AuditRow(
        id=world.parts.runtime.new_id(),
        at=world.clock.now(),
        event=AuditEventType.USER_UPDATED if user_id else AuditEventType.USER_LOCKED,
        actor_id=None,
        mssp_id=portal.mssp_id,
        portal_id=portal.id,
        user_id=user_id,
        changes=[{"field": "lastName", "before": "Zyzzyva", "after": None}],
        reason=reason,
    )


async def numbers() -> dict[UUID | None, list[int]]:
    """Return the chain numbers of the events, by portal id, in ascending order."""
    found = defaultdict(list)
    for each in await AuditEvent.all().order_by("sequence"):
        found[each.portal_id].append(each.sequence)  # type: ignore[attr-defined]  # Tortoise adds it
    return dict(found)


async def is_well(world: World) -> bool:
    report = await verification.check_all(world.parts.runtime)
    return not report.faults and not report.notes


@on_postgres
async def test_transactions_at_once_in_several_chains_never_deadlock(world: World) -> None:
    portals, chance = [await world.portal() for _ in range(4)], Random(7)  # noqa: S311  # orders, no secrets
    run = world.parts.runtime.transactions.run

    async def write() -> None:
        for portal in chance.sample(portals, 3):
            await audit.record([event(world, portal)])
            await asyncio.sleep(0)

    with capture_logs() as lines:
        await asyncio.gather(*(run(write) for _ in range(60)))

    assert [line for line in lines if line["event"] == "transaction.retried"] == []
    written = await numbers()
    assert sum(map(len, written.values())) == 180
    assert all(each == [*range(1, len(each) + 1)] for each in written.values())
    assert await is_well(world)


async def test_a_transaction_that_fails_leaves_no_gap(world: World) -> None:
    portal = await world.portal()

    async def write(*, fails: bool) -> None:
        await audit.record([event(world, portal), event(world, portal)])
        if fails:
            raise ValueError

    for fails in (False, True, False):
        try:
            await world.parts.runtime.transactions.run(lambda fails=fails: write(fails=fails))  # type: ignore[misc]
        except ValueError:
            assert fails

    assert await numbers() == {portal.id: [1, 2, 3, 4]}
    assert await is_well(world)


@pytest.mark.parametrize(("calls", "events", "portals"), [(1, 1, 1), (1, 1000, 1), (5, 20, 1), (3, 10, 3)])
async def test_any_number_of_events_takes_three_statements(world: World, calls: int, events: int, portals: int) -> None:
    homes = [await world.portal() for _ in range(portals)]

    async def write() -> None:
        for number in range(calls):
            await audit.record([event(world, homes[number % portals], reason="by phone") for _ in range(events)])

    with statements() as sent:
        await world.parts.runtime.transactions.run(write)

    assert [text.split()[0] for text in sent] == ["INSERT", "INSERT", "UPDATE"]
    assert await is_well(world)


async def test_a_transaction_without_events_touches_no_chain(world: World) -> None:
    with statements() as sent:
        await world.parts.runtime.transactions.run(lambda: audit.record([]))

    assert sent == []


async def test_an_event_is_forgotten_that_its_own_transaction_recorded(world: World) -> None:  # K32
    portal, user_id = await world.portal(), world.parts.runtime.new_id()

    async def write() -> None:
        await audit.record([event(world, portal, user_id, "Bob asked"), event(world, portal, reason="kept")])
        await audit.forget([user_id])
        await audit.record([event(world, portal, user_id, "deletion")])

    await world.parts.runtime.transactions.run(write)

    stored = [(each.changes != [], each.reason) for each in await AuditEvent.all().order_by("sequence")]
    assert stored == [(False, None), (True, "kept"), (True, "deletion")]
    assert await is_well(world)


async def test_only_events_with_texts_to_erase_have_a_salt_and_no_two_the_same(world: World) -> None:
    portal = await world.portal()
    given = [event(world, portal, reason=reason) for reason in ("same", "same", None)]

    await world.parts.runtime.transactions.run(lambda: audit.record(given))

    first, second, without = await AuditEvent.all().order_by("sequence")
    assert [without.salt, without.digest] == [None, None]
    assert first.salt
    assert len(first.salt) == 32
    assert (first.salt, first.digest) != (second.salt, second.digest)
    assert first.digest != second.digest
