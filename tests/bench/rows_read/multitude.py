"""Data for measurements with several providers. One has a portal with half of all users, and the others are small.

Rows are inserted directly into the tables, a million in a minute. The newest rows of every table belong to providers
that are not measured. Without a suitable index, a list of a measured provider would have to skip all these rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from tortoise.models import Model

from models.db.writes import load
from models.tables import (
    AccountSession,
    AuditEvent,
    BulkOperation,
    BulkOutcome,
    IdempotencyKey,
    KnownSource,
    LinkToken,
    Mssp,
    OutboxMail,
    Portal,
    PortalUser,
    RecoveryCode,
    SecondFactor,
    SignInAttempts,
)
from models.users import recount
from services.runtime import Runtime
from tests.bench.rows_read import rows
from tests.support.world import PASSWORD, Person, World

BATCH = 10_000


@dataclass(frozen=True, slots=True)
class Size:
    """The numbers of rows to load: of providers, of users, of audit events, and of each other kind.

    The other kinds are operations, sessions, links, mails, attempts and keys: `others` rows of each.
    """

    providers: int = 20
    users: int = 20_000
    events: int = 50_000
    others: int = 5_000


@dataclass(frozen=True, slots=True)
class Side:
    """A provider and its actors: an admin, two technicians, and an admin and a user of the first portal.

    `technician` is assigned to all `portals` of the provider, and `technician_of_one` only to the portal `quiet`.
    """

    mssp: Mssp
    portals: Sequence[Portal]
    quiet: Portal
    admin: Person
    technician: Person
    technician_of_one: Person
    portal_admin: Person
    user: Person

    @property
    def managers(self) -> dict[str, tuple[Person, Portal]]:
        """Return the actors who manage users, each with a portal to query."""
        first = self.portals[0]
        return {
            "MSSP admin": (self.admin, first),
            "technician": (self.technician, first),
            "technician of one portal": (self.technician_of_one, self.quiet),
            "portal admin": (self.portal_admin, first),
        }


@dataclass(frozen=True, slots=True)
class Multitude:
    """The two providers to measure: the provider with the large portal, and a provider with few rows."""

    large: Side
    small: Side


async def multitude(world: World, size: Size) -> Multitude:
    """Load all providers with their portals, users and other rows. Return the two providers to measure."""
    at = world.clock.now()
    large, small = [await _side(world, name, portals) for name, portals in (("large", 12), ("small", 2))]
    quiet = large.quiet
    middle = [
        await _portal(world, await world.mssp(f"middle {n}"), f"middle-{n}-{m}")
        for n in range(size.providers - 2)
        for m in range(2)
    ]
    runtime: Runtime = world.parts.runtime
    everywhere = [*large.portals, *middle]

    async def write_all() -> None:
        homes = [large.portals[0] if n % 2 else everywhere[n // 2 % len(everywhere)] for n in range(size.users)]
        await _load(PortalUser, rows.users(homes, at))
        few = [*small.portals, quiet] * rows.SMALL_PORTAL
        await _load(PortalUser, rows.users(few, at, start=size.users))
        users = [(rows.id_of("portal_user", n), home) for n, home in enumerate(homes)]
        first = [(small.user.id, place) for place in (small.portals[0], quiet)] * rows.SMALL_PORTAL
        await _load(AuditEvent, rows.events([*first, *users], size.events, at))
        operations = [(side.admin.id, side.mssp.id) for side in (small, large)]
        await _load(BulkOperation, rows.operations(operations, size.others, at))
        await _load(BulkOutcome, rows.outcomes(users, size.others, at))
        await _load(IdempotencyKey, rows.keys(large.admin.id, size.others, at))
        await _load(AccountSession, rows.sessions(users, size.others, at))
        await _load(LinkToken, rows.links(users, size.others, at))
        await _load(OutboxMail, rows.mails(users, size.others, at))
        await _load(SignInAttempts, rows.attempts(users, size.others, at))
        await _load(KnownSource, rows.sources(users, size.others, at))
        await _load(SecondFactor, rows.factors(users, size.others, at))
        await _load(RecoveryCode, rows.recovery_codes(size.others))
        await recount.recount([portal.id for portal in (*everywhere, *small.portals, quiet)])

    await runtime.transactions.run(write_all)
    return Multitude(large, small)


async def _side(world: World, name: str, portals: int) -> Side:
    mssp = await world.mssp(name)
    quiet = await _portal(world, mssp, f"{name}-quiet")
    places = [await _portal(world, mssp, f"{name}-{n}") for n in range(portals)]
    return Side(
        mssp,
        places,
        quiet,
        admin=await world.mssp_admin(mssp, password=PASSWORD),
        technician=await world.technician(*places, mssp=mssp, password=PASSWORD),
        technician_of_one=await world.technician(quiet, mssp=mssp, password=PASSWORD),
        portal_admin=await world.portal_admin(places[0], password=PASSWORD),
        user=await world.user(places[0], password=PASSWORD),
    )


async def _portal(world: World, mssp: Mssp, slug: str) -> Portal:
    return await world.portal(slug, mssp=mssp, seats=1_000_000, lockout_minutes=30)


async def _load(model: type[Model], rows: Iterator[dict[str, Any]]) -> None:
    while batch := list(islice(rows, BATCH)):
        await load(model, batch)
