"""To find the last event of an audit chain, the database reads few rows, even if other providers have many events."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from models import audit
from models.audit import AUDIT, AuditEvent, AuditRow
from models.audit_chain import heads
from models.db.writes import update_statistics
from rules.audit_events import AuditEventType
from tests.bench.rows_read.meter import metered
from tests.support.world import World

PORTALS, EVENTS, OWN = 20, 300, 5
SPARE = 40
"""The maximum number of rows that one statement may read: rows of the chain, its provider, its portal, and indexes."""


def _events(world: World, mssp_id: UUID, portal_id: UUID | None, number: int) -> list[AuditRow]:
    return [
        AuditRow(
            id=world.parts.runtime.new_id(),
            at=world.clock.now(),
            event=AuditEventType.USER_LOCKED,
            actor_id=None,
            mssp_id=mssp_id,
            portal_id=portal_id,
            user_id=None,
            changes=[],
        )
        for _ in range(number)
    ]


async def test_the_end_of_a_log_is_read_without_the_events_of_other_providers(world: World) -> None:
    own, others = await world.portal(), [await world.portal(mssp=await world.mssp()) for _ in range(PORTALS)]
    for other in others:
        await AUDIT.insert(_events(world, other.mssp_id, other.id, EVENTS))
    await update_statistics(AuditEvent)
    for portal, number in ((own, OWN), *((other, EVENTS) for other in others)):
        for portal_id in (portal.id, None):
            events = _events(world, portal.mssp_id, portal_id, number)
            await world.parts.runtime.transactions.run(partial(audit.record, events))
    ours = [key for key in await heads.every_chain() if key.mssp_id == own.mssp_id]

    with metered() as meter:
        found = [await heads.state_with_log(key) for key in ours]

    assert {key.is_portal for key in ours} == {True, False}
    assert [(chain.last, chain.outside) for chain in found if chain] == [(OWN, 0), (OWN, 0)]
    assert [reading.rows for reading in meter.take() if reading.rows > SPARE] == []
