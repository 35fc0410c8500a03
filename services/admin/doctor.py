"""Whether the tiles and seats are right: a recount by the rules, compared with what is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from functools import partial
from uuid import UUID

from models.db.dialect import is_any_of
from models.portals import lookup as portals
from models.users import recount
from services.runtime import Runtime

Progress = Callable[[int, int], None]
"""Is told how many are done, and how many there are."""


async def drift(runtime: Runtime, progress: Progress = lambda done, total: None) -> list[str]:
    """A sentence for everything that is not as the rules say; empty when all is well. Changes nothing.

    Each portal is counted while its row is locked, so that nothing moves between the two counts.
    """
    found = []
    ids = await recount.every_portal()
    for done, id in enumerate(ids, start=1):
        found += await runtime.transactions.run(partial(_of_portal, id, runtime.now()))
        progress(done, len(ids))
    return found


async def _of_portal(id: UUID, at: datetime) -> list[str]:
    await portals.lock([id])
    this = is_any_of("p.id", [id])
    groups = await recount.counter_groups(this)
    expected = recount.counters(groups).get(id, Counter())
    seatless = await recount.without_seat(id, at)
    unseated = [f"{seatless} users of portal {id} have an active invitation that holds no seat"] if seatless else []
    return (
        unseated
        + [fault for group in groups for fault in group.faults]
        + [
            f"{slug} counts {count} in {name}, but has {expected[name]}"
            for slug, counters in (await recount.stored(this)).values()
            for name, count in counters.items()
            if count != expected[name]
        ]
    )
