"""Many providers in one database: one with a portal that holds half of all users, and small ones beside it.

Rows are loaded straight into the tables, a million in a minute. The newest of everything belongs to the others, so that a
small provider's list has to pass over theirs wherever no index keeps it apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from models import census, tables
from models.dialect import load
from models.tables import Mssp, Portal
from rules.access import Role
from rules.licenses import Kind
from rules.lifecycle import Status
from services.setup import NewUser
from services.work import Work
from tests.world import PASSWORD, Person, World, hashed

BATCH = 10_000
_STATUSES = (*(Status.ACTIVE,) * 14, Status.LOCKED_OUT, Status.PROVISIONED, Status.SUSPENDED, Status.DEACTIVATED)
_KINDS = {
    name: number
    for number, name in enumerate(
        ("portal_user", "audit_event", "bulk_operation", "bulk_outcome", "account_session"), 1
    )
} | {
    name: number
    for number, name in enumerate(("link_token", "outbox_mail", "sign_in_attempts", "known_source", "keys"), 7)
}
SMALL_PORTAL = 10
"""Users and events of the small provider's portals."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is; `others` is how many there are of operations, sessions, links, mails, attempts and keys each."""

    providers: int = 20
    users: int = 20_000
    events: int = 50_000
    others: int = 5_000


@dataclass(frozen=True, slots=True)
class Side:
    """A provider and who looks: an admin, a technician of its `portals` and one of the `quiet` portal alone, and an admin
    and a user of the first portal."""

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
        """Who manages users, each with a portal to ask for."""
        first = self.portals[0]
        return {
            "MSSP admin": (self.admin, first),
            "technician": (self.technician, first),
            "technician of one portal": (self.technician_of_one, self.quiet),
            "portal admin": (self.portal_admin, first),
        }


@dataclass(frozen=True, slots=True)
class Multitude:
    """The provider with the large portal, and one with next to nothing."""

    large: Side
    small: Side


async def multitude(world: World, size: Size) -> Multitude:
    """Load it all, in one transaction."""
    at = world.clock.now()
    large, small = [await _side(world, name, portals) for name, portals in (("large", 12), ("small", 2))]
    quiet = large.quiet
    middle = [
        await _portal(world, await world.mssp(f"middle {n}"), f"middle-{n}-{m}")
        for n in range(size.providers - 2)
        for m in range(2)
    ]
    work: Work = world.parts.work
    everywhere = [*large.portals, *middle]

    async def write_all() -> None:
        homes = [large.portals[0] if n % 2 else everywhere[n // 2 % len(everywhere)] for n in range(size.users)]
        await _load("portal_user", _users(homes, at))
        few = [*small.portals, quiet] * SMALL_PORTAL
        await _load("portal_user", _users(few, at, start=size.users))
        users = [(_id("portal_user", n), home) for n, home in enumerate(homes)]
        first = [(small.user.id, place) for place in (small.portals[0], quiet)] * SMALL_PORTAL
        await _load("audit_event", _events([*first, *users], size.events, at))
        operations = [(side.admin.id, side.mssp.id) for side in (small, large)]
        await _load("bulk_operation", _operations(operations, size.others, at))
        await _load("bulk_outcome", _outcomes(users, size.others, at))
        await _load("idempotency_key", _keys(large.admin.id, size.others, at))
        await _load("account_session", _sessions(users, size.others, at))
        await _load("link_token", _links(users, size.others, at))
        await _load("outbox_mail", _mails(users, size.others, at))
        await _load("sign_in_attempts", _attempts(users, size.others, at))
        await _load("known_source", _sources(users, size.others, at))
        await census.recount([portal.id for portal in (*everywhere, *small.portals, quiet)])

    await work.transactions.run(write_all)
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


def _id(table: str, n: int) -> UUID:
    """Ids grow with n, as those of later rows do."""
    return UUID(int=(0x7000_0000_0000_7000_8000_000000000000) + (_KINDS[table] << 64) + n)


async def _load(table: str, rows: Iterator[dict[str, Any]]) -> None:
    batch: list[tuple[Any, ...]] = []
    columns: list[str] = []
    defaults = _defaults(table)
    for given in rows:
        row = {**defaults, **given}
        columns = columns or list(row)
        batch.append(tuple(row.values()))
        if len(batch) == BATCH:
            await load(table, columns, batch)
            batch = []
    if batch:
        await load(table, columns, batch)


def _defaults(table: str) -> dict[str, Any]:
    """What a table's columns hold that a row here says nothing of; Tortoise's defaults are not the database's."""
    (model,) = [each for name in tables.__all__ if (each := getattr(tables, name))._meta.db_table == table]
    fields = model._meta.fields_map
    return {name: field.default for name, field in fields.items() if isinstance(field.default, int | str)}


Users = Sequence[tuple[UUID, Portal]]


def _users(homes: Sequence[Portal], at: datetime, start: int = 0) -> Iterator[dict[str, Any]]:
    secret = hashed(PASSWORD)
    for n, home in enumerate(homes, start):
        status = _STATUSES[n * 7919 % len(_STATUSES)]
        person = NewUser(
            username=f"member.{n}",
            email=f"member.{n}@{home.slug}.test",
            first_name=f"First{n * 31 % 997}",
            last_name=None if n % 97 == 0 else f"Last{n * 17 % 9973}",
            kind=Kind.EXTERNAL,
            role=Role.PORTAL_ADMIN if n % 1000 == 1 else Role.PORTAL_USER,
            status=status,
            resume_status=Status.ACTIVE if status in (Status.LOCKED_OUT, Status.DEACTIVATED) else None,
            last_sign_in_at=at - timedelta(minutes=n % 100_000) if n % 5 else None,
            added_at=at - timedelta(days=n % 900),
            enabled_at=at - timedelta(days=n % 60),
            changed_at=at - timedelta(minutes=n % 25) if status in (Status.LOCKED_OUT, Status.DEACTIVATED) else None,
            password_hash=secret,
        )
        yield person.columns(_id("portal_user", n), home, at)


def _events(users: Users, number: int, at: datetime) -> Iterator[dict[str, Any]]:
    """The first of the users have theirs first; the others go on in turn."""
    for n in range(number):
        id, home = (
            users[n % len(users)] if n < len(users) else users[2 * SMALL_PORTAL + n % (len(users) - 2 * SMALL_PORTAL)]
        )
        yield {
            "id": _id("audit_event", n),
            "at": at - timedelta(seconds=number - n),
            "event": "user.locked",
            "actor_id": None,
            "mssp_id": home.mssp_id,
            "portal_id": home.id,
            "user_id": id,
            "changes": "[]",
            "operation_id": _id("bulk_operation", n % (number // 10)),
        }


def _operations(starters: Sequence[tuple[UUID, UUID]], number: int, at: datetime) -> Iterator[dict[str, Any]]:
    (small_admin, small), (large_admin, large) = starters
    for n in range(number):
        yield {
            "id": _id("bulk_operation", n),
            "mssp_id": small if n < SMALL_PORTAL else large,
            "action": "LOCK",
            "state": "PREVIEW" if n % 4 == 1 else "SUCCEEDED",
            "actor_id": small_admin if n < SMALL_PORTAL else large_admin,
            "created_at": at - timedelta(seconds=number - n),
            "finished_at": at,
            "preview_expires_at": at + timedelta(hours=1) if n % 4 == 1 else None,
        }


def _outcomes(users: Users, number: int, at: datetime) -> Iterator[dict[str, Any]]:
    for n in range(2 * number):
        id, home = users[n]
        yield {
            "id": _id("bulk_outcome", n),
            "operation_id": _id("bulk_operation", n // 2),
            "position": n % 2,
            "user_id": id,
            "portal_id": home.id,
            "status": "SUCCEEDED",
        }


def _keys(account_id: UUID, number: int, at: datetime) -> Iterator[dict[str, Any]]:
    for n in range(number):
        yield {
            "id": _id("keys", n),
            "account_id": account_id,
            "action": "LOCK",
            "key": f"key-{n}",
            "input_hash": "hash",
            "operation_id": _id("bulk_operation", n),
            "created_at": at - timedelta(minutes=n % 60),
        }


def _sessions(users: Users, number: int, at: datetime) -> Iterator[dict[str, Any]]:
    for n in range(number):
        yield {
            "id": _id("account_session", n),
            "user_id": users[n][0],
            "created_at": at - timedelta(hours=1),
            "last_used_at": at,
            "expires_at": at + timedelta(days=1),
            "revoked_at": at - timedelta(minutes=1) if n % 3 == 0 else None,
        }


def _links(users: Users, number: int, at: datetime) -> Iterator[dict[str, Any]]:
    """Each an invitation; every second one was accepted long ago and is the user's newest."""
    for n in range(number):
        yield {
            "id": _id("link_token", n),
            "user_id": users[n][0],
            "purpose": "INVITATION",
            "nonce": f"nonce-{n}",
            "token_hash": f"link-{n}",
            "created_at": at - timedelta(days=60),
            "expires_at": at + timedelta(days=1),
            "used_at": at - timedelta(days=50) if n % 2 else None,
            "tries": 0,
            "is_trusted": False,
        }


def _mails(users: Users, number: int, at: datetime) -> Iterator[dict[str, Any]]:
    """Four of five were sent; of the rest half are due, half later."""
    for n in range(number):
        id, home = users[n]
        sent = n % 5 > 0
        yield {
            "id": _id("outbox_mail", n),
            "portal_id": home.id,
            "user_id": id,
            "link_id": _id("link_token", n) if n % 2 else None,
            "kind": "INVITATION" if n % 2 else "IDLE_WARNING",
            "recipient": f"member.{n}@{home.slug}.test",
            "dedupe_key": f"mail-{n}",
            "state": "SENT" if sent else "QUEUED",
            "created_at": at - timedelta(minutes=1),
            "due_at": at + timedelta(hours=1) if n % 10 else at - timedelta(seconds=1),
            "attempts": 1 if sent else 0,
            "finished_at": at if sent else None,
        }


def _attempts(users: Users, number: int, at: datetime) -> Iterator[dict[str, Any]]:
    for n in range(number):
        yield {"key": f"attempts-{n}", "account_id": users[n][0], "failures": 1, "last_at": at}


def _sources(users: Users, number: int, at: datetime) -> Iterator[dict[str, Any]]:
    for n in range(number):
        yield {"id": _id("known_source", n), "user_id": users[n][0], "source": f"source-{n}", "last_at": at}
