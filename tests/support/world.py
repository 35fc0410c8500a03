"""A world to test in: providers, portals and people as a test names them, and the API as a client calls it.

`world` sets things up, `ask` calls the real application over HTTP with a real token, `clock` is moved by hand.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from typing import Any, NamedTuple
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from argon2 import PasswordHasher
from pydantic import SecretStr

from api import app as server
from api.app import Gatehouse
from api.core.clock import Clock
from api.security.password_hashing import ARGON2ID, hash_now
from api.settings.settings import Settings
from models.db.sql import fetch, sql
from models.tables import LicensePackage, Mssp, Portal, PortalUser, StaffMember, TechnicianAssignment
from models.users import recount
from models.users.table import USER, UserRow
from resolvers.core.global_ids import global_id
from rules.access import Role
from rules.accounts import AccountKey, AccountKind
from rules.lifecycle.licenses import Kind
from rules.lifecycle.statuses import Status
from rules.text.folding import login_key, sort_key
from services.admin.setup import NewUser
from services.auth import sign_in
from services.passwords import password_reset
from services.ports import Caller
from tests.support.bulk_documents import bulk_document
from tests.support.databases import Database

PASSWORD = "correct horse battery staple"
HASHER = PasswordHasher(time_cost=1, memory_cost=16, parallelism=1)
"""argon2id that takes next to no time; tests/api/security/test_password_hashing.py holds what production hashes with."""

at_productions_cost = pytest.mark.parametrize("hasher", [ARGON2ID], ids=["argon2id"])
"""For a test of many sign-ins at once, where it matters how long one takes."""


class TestClock(Clock):
    """Stands still until it is moved."""

    __test__ = False

    def __init__(self) -> None:
        self.time = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def advance(self, by: timedelta) -> None:
        self.time += by

    async def sleep(self, duration: timedelta) -> None:
        """Let others run for a moment; this clock stands still."""
        await asyncio.sleep(0.01)


@dataclass(frozen=True)
class Person:
    """An account: `id` is the row's, `gid` the global id."""

    id: UUID
    kind: str
    login: str
    portal: Portal | None = None

    @property
    def gid(self) -> str:
        return global_id(self.kind, self.id)

    @property
    def is_staff(self) -> bool:
        return self.kind == "StaffMember"

    @property
    def key(self) -> AccountKey:
        return AccountKey(AccountKind.STAFF_MEMBER if self.is_staff else AccountKind.PORTAL_USER, self.id)


class Reply(NamedTuple):
    """What came back: `data` (None when absent), the errors, and the codes of the errors."""

    data: Any
    errors: list[dict[str, Any]]
    response: httpx.Response

    @property
    def codes(self) -> list[str]:
        return [error["extensions"]["code"] for error in self.errors]

    @property
    def unauthenticated(self) -> bool:
        return self.codes == ["UNAUTHENTICATED"]


@dataclass
class World:
    """Makes what a test needs; everything has a default, and defaults belong together."""

    parts: Gatehouse
    clock: TestClock
    hasher: PasswordHasher = HASHER
    _numbers: Any = field(default_factory=lambda: count(1))
    _mssp: Mssp | None = None
    _portal: Portal | None = None

    async def mssp(self, name: str | None = None) -> Mssp:
        return await Mssp.create(id=self.parts.runtime.new_id(), name=name or f"MSSP {next(self._numbers)}")

    async def home(self) -> Mssp:
        """The MSSP that portals and staff belong to when a test names none."""
        if self._mssp is None:
            self._mssp = await self.mssp()
        return self._mssp

    async def portal(
        self, slug: str | None = None, *, mssp: Mssp | None = None, seats: int | None = 1000, **columns: Any
    ) -> Portal:
        """A portal with one package of `seats` (None: no package). The first one is the default for people."""
        slug = slug or f"portal-{next(self._numbers)}"
        provider = mssp or await self.home()
        columns.setdefault("name", slug.title())
        portal = await Portal.create(
            id=self.parts.runtime.new_id(),
            mssp_id=provider.id,
            slug=slug,
            name_key=sort_key(columns["name"]),
            **columns,
        )
        if seats is not None:
            await self.package(portal, seats)
        self._portal = self._portal or portal
        return portal

    async def package(
        self,
        portal: Portal,
        seats: int,
        *,
        name: str = "Standard",
        starts_at: datetime | None = None,
        ends_at: datetime | None = None,
    ) -> LicensePackage:
        return await LicensePackage.create(
            id=self.parts.runtime.new_id(),
            portal_id=portal.id,
            name=name,
            seats=seats,
            starts_at=starts_at,
            ends_at=ends_at,
        )

    async def user(self, portal: Portal | None = None, *, password: str | None = None, **given: Any) -> Person:
        """A user, ACTIVE and EXTERNAL unless told otherwise; `given` are fields of services.admin.setup.NewUser."""
        return (await self.users(1, portal, password=password, **given))[0]

    async def users(
        self, number: int, portal: Portal | None = None, *, password: str | None = None, **given: Any
    ) -> list[Person]:
        """Several alike."""
        place = portal or self._portal or await self.portal()
        people = []
        for _ in range(number):
            n = next(self._numbers)
            given_here = {
                "username": f"user.{n}",
                "email": f"user.{n}@{place.slug}.test",
                "first_name": f"First{n}",
                "last_name": f"Last{n}",
                **given,
            }
            if password:
                given_here["password_hash"] = hashed(password, self.hasher)
            people.append(NewUser(**given_here))
        rows = [person.row(self.parts.runtime.new_id(), place, self.clock.now()) for person in people]
        await PortalUser.bulk_create(rows)
        await recount.recount([place.id])
        return [Person(row.id, "PortalUser", row.username, place) for row in rows]

    async def portal_admin(self, portal: Portal | None = None, **given: Any) -> Person:
        """An INTERNAL admin of a portal."""
        return await self.user(portal, **{"kind": Kind.INTERNAL, "role": Role.PORTAL_ADMIN, **given})

    async def staff(
        self,
        role: Role = Role.MSSP_ADMIN,
        *,
        mssp: Mssp | None = None,
        portals: tuple[Portal, ...] = (),
        password: str | None = None,
        is_active: bool = True,
    ) -> Person:
        provider = mssp or await self.home()
        login = f"staff.{next(self._numbers)}@msp.test"
        member = await StaffMember.create(
            id=self.parts.runtime.new_id(),
            mssp_id=provider.id,
            name=f"Staff {login}",
            email=login,
            email_key=login_key(login),
            role=role,
            is_active=is_active,
            password_hash=hashed(password, self.hasher) if password else None,
            added_at=self.clock.now(),
        )
        for portal in portals:
            await self.assign(Person(member.id, "StaffMember", login), portal)
        return Person(member.id, "StaffMember", login)

    async def mssp_admin(self, mssp: Mssp | None = None, **given: Any) -> Person:
        return await self.staff(Role.MSSP_ADMIN, mssp=mssp, **given)

    async def technician(self, *portals: Portal, **given: Any) -> Person:
        return await self.staff(Role.MSSP_TECHNICIAN, portals=portals, **given)

    async def assign(self, technician: Person, portal: Portal) -> None:
        await TechnicianAssignment.create(id=self.parts.runtime.new_id(), staff_id=technician.id, portal_id=portal.id)

    async def token(self, person: Person) -> str:
        """A real access token of a real session."""
        signed_in = await sign_in.open_session(
            self.parts.runtime, self.parts.ports, Caller("127.0.0.1", None), person.key
        )
        assert signed_in.token, f"{person.login} cannot sign in: {signed_in.blockers}"
        return signed_in.token.text

    async def answer_resets(self) -> None:
        """Answer every request for a password reset, as the mail worker does."""
        while await password_reset.answer_next(self.parts.runtime):
            pass

    async def row(self, person: Person) -> UserRow | None:
        """The user as stored now."""
        rows = USER.read(await fetch(f"SELECT {USER.columns} FROM portal_user u WHERE " + sql("u.id = ?", person.id)))
        return rows[0] if rows else None

    async def status(self, person: Person) -> Status | None:
        row = await self.row(person)
        return row.status if row else None


@cache
def hashed(password: str, hasher: PasswordHasher = HASHER) -> str:
    """As the world's server hashes it; the same hash for the same password."""
    return hash_now(password, hasher)


class Ask:
    """`await ask(document, actor=person, **variables)` calls the API; `act` calls a bulk mutation."""

    def __init__(self, world: World, client: httpx.AsyncClient) -> None:
        self.world = world
        self.client = client
        self._tokens: dict[UUID, str] = {}

    async def __call__(
        self, document: str, *, actor: Person | None = None, token: str | None = None, **variables: Any
    ) -> Reply:
        """As a stranger without an actor. An actor keeps one session throughout the test."""
        if actor is not None and token is None:
            if actor.id not in self._tokens:
                self._tokens[actor.id] = await self.world.token(actor)
            token = self._tokens[actor.id]
        headers = {"authorization": f"Bearer {token}"} if token else {}
        response = await self.client.post("/graphql", json={"query": document, "variables": variables}, headers=headers)
        body = response.json()
        return Reply(body.get("data"), body.get("errors", []), response)

    async def act(
        self, name: str, actor: Person | None, *targets: Person | str, ids: list[str] | None = None, **options: Any
    ) -> Any:
        """Runs a bulk mutation on people, or on ids as they are; gives its payload."""
        chosen = ids if ids is not None else [t if isinstance(t, str) else t.gid for t in targets]
        input = {"users": {"ids": chosen}, **({"options": options} if options else {})}
        reply = await self(bulk_document(name), actor=actor, input=input)
        assert not reply.errors, reply.errors
        return reply.data[name]


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.fixture
def hasher() -> PasswordHasher:
    return HASHER


@pytest.fixture
def parts(db: Database, clock: TestClock, hasher: PasswordHasher) -> Gatehouse:
    """The server's parts over the test's database."""
    settings = Settings(secret_key=SecretStr("a-secret-for-tests-of-32-bytes-or-more"), database_url=db.url)
    return server.gatehouse(settings, clock, hasher=hasher)


@pytest.fixture
def world(parts: Gatehouse, clock: TestClock, hasher: PasswordHasher) -> World:
    return World(parts, clock, hasher)


@pytest_asyncio.fixture
async def ask(world: World) -> AsyncIterator[Ask]:
    transport = httpx.ASGITransport(app=server.app(world.parts))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        yield Ask(world, client)
    await world.parts.runtime.transactions.drain(timedelta(seconds=5))
    world.parts.close()
