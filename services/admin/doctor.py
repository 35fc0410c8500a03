"""The check of the portals' counters: count the users again, and compare the results with the stored counters."""

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
"""A callback that receives the number of checked portals and the total number of portals."""


async def find_wrong_values(runtime: Runtime, progress: Progress = lambda done, total: None) -> list[str]:
    """Look for wrong counters, columns and invitations. Return one sentence for each. Nothing is written.

    - A counter is wrong if it differs from a recount.
    - A derived column of a user is wrong if it does not fit the status.
    - An active invitation is wrong if it needs a seat that its user does not hold.

    Each portal is locked while its users are counted, so that nothing changes meanwhile.
    """
    found = []
    portal_ids = await recount.every_portal()
    for done, portal_id in enumerate(portal_ids, start=1):
        found += await runtime.transactions.run(partial(_of_portal, portal_id, runtime.now()))
        progress(done, len(portal_ids))
    return found


async def _of_portal(portal_id: UUID, at: datetime) -> list[str]:
    await portals.lock([portal_id])
    this = is_any_of("p.id", [portal_id])
    groups = await recount.user_counts(this)
    expected = recount.counters(groups).get(portal_id, Counter())
    seatless = await recount.count_invitees_without_seat(portal_id, at)
    unseated = (
        [f"{seatless} users of portal {portal_id} have an active invitation that holds no seat"] if seatless else []
    )
    return (
        unseated
        + [fault for group in groups for fault in group.faults]
        + [
            f"{slug} counts {count} in {name}, but has {expected[name]}"
            for slug, counters in (await recount.stored_counters(this)).values()
            for name, count in counters.items()
            if count != expected[name]
        ]
    )
