"""What time brings about, done by one process for all: locks that end, users gone idle, data that is kept no longer.

It is safe to repeat and to kill: every batch is a transaction that looks again at whom it is about, and whoever takes
over finds what is left.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from uuid import UUID

from models import housekeeping, leases
from models.housekeeping import LITTER, WAITS, Due, DueInPortal
from rules.events import Event, happens
from rules.housekeeping import KEPT, WARNED_BEFORE, Chore, lasts, waiting_since
from rules.mail_kinds import MailKind
from rules.refusals import Refusal
from services import events, mails
from services.mails import Notice
from services.work import Work

NAME = leases.HOUSEKEEPING
EVERY = timedelta(hours=1)
LEASE = timedelta(minutes=5)
BATCH = 500
"""Users of a portal, or rows, that one transaction is about."""

EVENTS = {
    Chore.END_LOCKS: Event.LOCK_ENDED,
    Chore.SUSPEND_IDLE: Event.WENT_IDLE,
    Chore.ERASE_DEACTIVATED: Event.RETENTION_ENDED,
}

Told = Callable[[Chore, int], None]
"""Is told how much of a chore is done."""


class _Interrupted(Exception):
    """The rest is left to the next run: this process stops, or another has taken over."""


class Housekeeping:
    """The chores as one process does them. `batch` is how many users or rows one transaction is about."""

    def __init__(self, work: Work, *, batch: int = BATCH) -> None:
        self._work = work
        self._batch = batch

    async def is_due(self) -> bool:
        """Whether an hour has passed since it was last done to the end; a time that lies ahead was another clock's."""
        last, now = await leases.finished_at(NAME), self._work.now()
        return last is None or last > now or last + EVERY <= now

    async def look(self) -> dict[Chore, int]:
        """How much a run would do of each chore. Changes nothing."""
        suspended = Counter[UUID]()
        return {chore: await self._count(chore, suspended) for chore in Chore}

    async def run(
        self, told: Told = lambda chore, done: None, is_stopping: Callable[[], bool] = lambda: False
    ) -> dict[Chore, int] | None:
        """Does every chore and tells how much of each was done; None while another process is at it.

        Where it is stopped, or loses its lease, it leaves the rest to the next run.
        """
        holder, done = self._work.new_id(), dict.fromkeys(Chore, 0)
        if not await self._work.transactions.run(partial(self._take, holder)):
            return None

        async def advance(chore: Chore, more: int) -> None:
            done[chore] += more
            told(chore, done[chore])
            if is_stopping() or not await self._work.transactions.run(partial(self._prolong, holder)):
                raise _Interrupted

        finished = False
        try:
            for chore in Chore:
                await self._do(chore, partial(advance, chore))
            finished = True
        except _Interrupted:
            pass
        finally:
            await self._work.transactions.run(partial(self._give_back, holder, finished=finished))
        return done

    async def _do(self, chore: Chore, advance: Callable[[int], Awaitable[None]]) -> None:
        if chore in LITTER:
            await self._drop(chore, advance)
            return
        for policy in await self._policies(chore):
            behind: Due | None = None
            while batch := await self._due(chore, policy, behind):
                for portal_id, group in groupby(batch, key=lambda due: due.portal_id):
                    ids = [due.id for due in group]
                    await advance(await self._work.transactions.run(partial(self._in_portal, chore, portal_id, ids)))
                behind = batch[-1]

    async def _in_portal(self, chore: Chore, portal_id: UUID, ids: Sequence[UUID]) -> int:
        """Those of the portal's users whom the chore still concerns, now that they are locked; how many there were."""
        held = await events.hold(self._work, portal_id, ids)
        policy: int | None = getattr(held.portal.row, WAITS[chore].policy)
        if policy is None:
            return 0
        still = await housekeeping.still_due(
            chore, policy, *waiting_since(chore, policy, held.at), portal_id, held.users
        )
        if chore is Chore.WARN_IDLE:
            return await self._warn(held, still, lasts(chore, policy))
        return len(await events.happen(self._work, EVENTS[chore], held, [held.users[due.id] for due in still]))

    async def _warn(self, held: events.Held, still: Sequence[Due], may_idle: timedelta) -> int:
        notices = list[Notice]()
        for due in still:
            user = held.users[due.id]
            try:
                happens(Event.WENT_IDLE, user, held.place)
            except Refusal:
                continue  # the last admin is not suspended, so there is nothing to warn of
            about = f"{user.id}:{due.since.isoformat()}"
            notices += mails.warning_of(MailKind.IDLE_WARNING, user, about, due.since + may_idle)
        await mails.notify(self._work, notices, held.at)
        return len(notices)

    async def _drop(self, chore: Chore, advance: Callable[[int], Awaitable[None]]) -> None:
        more = True
        while more:
            gone = await self._work.transactions.run(partial(self._drop_some, chore))
            more = gone == self._batch
            await advance(gone)

    async def _drop_some(self, chore: Chore) -> int:
        return await housekeeping.drop(chore, self._work.now() - KEPT[chore], self._batch)

    async def _due(self, chore: Chore, policy: int, behind: Due | None) -> list[Due]:
        return await housekeeping.due(
            chore, policy, *waiting_since(chore, policy, self._work.now()), behind, self._batch
        )

    async def _policies(self, chore: Chore) -> list[int]:
        found = await housekeeping.policies(chore)
        if chore is Chore.WARN_IDLE:  # a shorter time than the warning's is over before it could be of use
            return [policy for policy in found if lasts(chore, policy) > WARNED_BEFORE]
        return found

    async def _count(self, chore: Chore, suspended: Counter[UUID]) -> int:
        now = self._work.now()
        if chore in LITTER:
            return await housekeeping.count_litter(chore, now - KEPT[chore])
        found = [
            due
            for policy in await self._policies(chore)
            for due in await housekeeping.count_due(chore, policy, *waiting_since(chore, policy, now))
        ]
        return sum(due.users - _spared(chore, due, suspended) for due in found)

    async def _take(self, holder: UUID) -> bool:
        now = self._work.now()
        return await leases.take(NAME, holder, now, now + LEASE)

    async def _prolong(self, holder: UUID) -> bool:
        return await leases.prolong(NAME, holder, self._work.now() + LEASE)

    async def _give_back(self, holder: UUID, *, finished: bool) -> None:
        at: datetime | None = self._work.now() if finished else None
        await leases.give_back(NAME, holder, at)


def _spared(chore: Chore, due: DueInPortal, suspended: Counter[UUID]) -> bool:
    """Whether one of them is the portal's last enabled admin, who never goes idle and is not warned of it.

    `suspended` are the admins whom the run would have suspended by then, by portal; those of this chore are added.
    """
    if chore is Chore.SUSPEND_IDLE:
        spares = 0 < due.admins >= due.enabled_admins
        suspended[due.portal_id] += due.admins - spares
        return spares
    return chore is Chore.WARN_IDLE and due.admins > 0 and due.enabled_admins - suspended[due.portal_id] <= 1
