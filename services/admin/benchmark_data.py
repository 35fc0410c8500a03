"""Benchmark data: many portals. The first portal has half of all users. Equal arguments give equal users."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from uuid import UUID

from models.db.writes import load, update_statistics
from models.grants import catalogue
from models.tables import LicensePackage, Mssp, Portal, PortalUser
from models.users import recount
from rules.lifecycle.statuses import Status
from rules.messages.operator import OperatorMessage
from rules.refusals import Refusal
from rules.text.folding import sort_key
from services.admin import demo
from services.admin.setup import NewUser
from services.runtime import Runtime

BATCH = 10_000
_FIRST = ("Ada", "Grace", "Linus", "Ken", "Barbara", "Edsger", "Donald", "Margaret", "Alan", "Radia")
_LAST = ("Lovelace", "Hopper", "Torvalds", "Thompson", "Liskov", "Dijkstra", "Knuth", "Hamilton", "Turing", "Perlman")
_STATUSES = (*(Status.ACTIVE,) * 7, Status.LOCKED_OUT, Status.PROVISIONED, Status.DEACTIVATED)


def check_size(*, portals: int, users: int) -> None:
    """Raise Refusal(INVALID_INPUT) if one of the numbers is out of its bounds.

    `portals` must be from 1 to 1,000. `users` must be at least `portals`, and at most 5,000,000.
    """
    if not 1 <= portals <= 1000 or not portals <= users <= 5_000_000:
        raise Refusal(OperatorMessage.BENCHMARK_SIZE)


async def add_portals(runtime: Runtime, *, portals: int, users: int, progress: Callable[[int], None]) -> None:
    """Add the portals `load-1`, `load-2`, … to the demo's first MSSP, in one transaction. Requires the demo data.

    `portals` is the number of portals, and `users` is the number of users of all portals together. `progress` is called
    with the number of users written so far. Raise Refusal(INVALID_INPUT) if `check_size` refuses the numbers, or if the
    portal `load-1` exists already.
    """
    check_size(portals=portals, users=users)

    async def write() -> None:
        mssp = await Mssp.get(name=demo.PORTALS[0][0])
        if await Portal.filter(slug="load-1").exists():
            raise Refusal(OperatorMessage.BENCHMARK_LOADED)
        at, written = runtime.now(), 0
        created = [await _portal(mssp.id, n, users) for n in range(1, portals + 1)]
        for portal, people in zip(created, _shares(users, portals), strict=True):
            for start in range(0, people, BATCH):
                rows = [
                    NewUser.columns(person, _id(written + i), portal, at)
                    for i, person in enumerate(_people(portal.slug, written, min(BATCH, people - start), at))
                ]
                await load(PortalUser, rows)
                written += len(rows)
                progress(written)
        await recount.recount([portal.id for portal in created])
        await update_statistics(PortalUser)

    await runtime.transactions.run(write)


async def _portal(mssp_id: UUID, n: int, seats: int) -> Portal:
    name = f"Load {n}"
    portal = await Portal.create(
        id=UUID(int=0x70000000_0000_8000_8000_000000000000 + n),
        mssp_id=mssp_id,
        slug=f"load-{n}",
        name=name,
        name_key=sort_key(name),
    )
    await LicensePackage.create(
        id=UUID(int=0x71000000_0000_8000_8000_000000000000 + n), portal_id=portal.id, name="Crowd", seats=seats
    )
    await catalogue.add([catalogue.system_group(portal.id)])
    return portal


def _shares(users: int, portals: int) -> list[int]:
    """Divide `users` among `portals` portals. Return the number of users of each portal, first portal first.

    The first portal gets half of all users, and the other portals share the rest equally. A single portal gets all
    users.
    """
    if portals == 1:
        return [users]
    rest, others = users // 2, portals - 1
    shares = [rest // others + (n < rest % others) for n in range(others)]
    return [users - sum(shares), *shares]


def _people(slug: str, start: int, number: int, at: datetime) -> Iterator[NewUser]:
    for n in range(start, start + number):
        login = f"user.{n}"
        status = _STATUSES[n * 7919 % len(_STATUSES)]
        yield NewUser(
            username=login,
            email=f"{login}@{slug}.test",
            first_name=_FIRST[n % 10],
            last_name=None if n % 97 == 0 else f"{_LAST[n // 10 % 10]}{n % 997}",
            status=status,
            resume_status=Status.ACTIVE if status in (Status.LOCKED_OUT, Status.DEACTIVATED) else None,
            last_sign_in_at=at - timedelta(minutes=n % 100_000) if n % 5 else None,
            added_at=at - timedelta(days=n % 900),
            enabled_at=at - timedelta(days=n % 60),
            changed_at=at - timedelta(days=min(n % 900, n % 25)) if status is Status.DEACTIVATED else None,
        )


def _id(n: int) -> UUID:
    return UUID(int=0x72000000_0000_8000_8000_000000000000 + n)
