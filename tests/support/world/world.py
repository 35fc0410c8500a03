"""Create providers, portals and people as a test needs them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

from argon2 import PasswordHasher

from api.parts import Parts
from models.db.sql import fetch, sql
from models.grants import catalogue
from models.tables import LicensePackage, Mssp, Portal, PortalTag, PortalUser, StaffMember, TechnicianAssignment
from models.users import recount
from models.users.table import USER, UserRow
from rules.access import Role
from rules.administration import tags
from rules.lifecycle.licenses import UserKind
from rules.lifecycle.statuses import Status
from rules.text.folding import login_key, sort_key
from services.admin.setup import NewUser
from services.auth import sessions
from services.auth.sessions import LiveSession
from services.passwords import password_reset
from services.ports import Caller
from tests.support.world.clock import TestClock
from tests.support.world.passwords import HASHER, hashed
from tests.support.world.people import Person


@dataclass
class World:
    """Creates the rows that a test needs. Every argument has a default, and the defaults fit together."""

    parts: Parts
    clock: TestClock
    hasher: PasswordHasher = HASHER
    _numbers: Any = field(default_factory=lambda: count(1))
    _mssp: Mssp | None = None
    _portal: Portal | None = None

    async def mssp(self, name: str | None = None) -> Mssp:
        return await Mssp.create(id=self.parts.runtime.new_id(), name=name or f"MSSP {next(self._numbers)}")

    async def home(self) -> Mssp:
        """The MSSP of portals and staff for which a test names no MSSP."""
        if self._mssp is None:
            self._mssp = await self.mssp()
        return self._mssp

    async def portal(
        self, slug: str | None = None, *, mssp: Mssp | None = None, seats: int | None = 1000, **columns: Any
    ) -> Portal:
        """Create a portal with one package of `seats`. None creates no package.

        People belong to the first portal by default.
        """
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
        await catalogue.add([catalogue.system_group(portal.id)])
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
        """Create a user, ACTIVE and EXTERNAL by default. `given` are fields of services.admin.setup.NewUser."""
        return (await self.users(1, portal, password=password, **given))[0]

    async def users(
        self, number: int, portal: Portal | None = None, *, password: str | None = None, **given: Any
    ) -> list[Person]:
        """Create several users with the same fields."""
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
        """Create an INTERNAL admin of a portal."""
        return await self.user(portal, **{"kind": UserKind.INTERNAL, "role": Role.PORTAL_ADMIN, **given})

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
            name_key=sort_key(f"Staff {login}"),
            email=login,
            email_key=login_key(login),
            role=role,
            is_active=is_active,
            password_hash=hashed(password, self.hasher) if password else None,
            password_changed_at=self.clock.now(),
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

    async def tag(self, portal: Portal, *texts: str) -> None:
        """Give the portal tags in addition to those that it has."""
        for tag in tags.validate(texts):
            await PortalTag.create(
                id=self.parts.runtime.new_id(),
                mssp_id=portal.mssp_id,
                portal_id=portal.id,
                tag=tag.text,
                tag_key=tag.key,
            )

    async def token(self, person: Person) -> str:
        """Create a session and return its access token. No sign-in takes place, so the audit log gets no event."""
        parts, caller = self.parts, Caller("127.0.0.1", None)

        async def write() -> LiveSession:
            return await sessions.begin(parts.runtime, parts.ports, caller, person.key, parts.runtime.now())

        return (await parts.runtime.transactions.run(write)).token.text

    async def answer_resets(self) -> None:
        """Answer every request for a password reset, as the mail worker does."""
        while await password_reset.answer_next(self.parts.runtime):
            pass

    async def row(self, person: Person) -> UserRow | None:
        """Return the user as stored now."""
        rows = USER.read(await fetch(f"SELECT {USER.columns} FROM portal_user u WHERE " + sql("u.id = ?", person.id)))
        return rows[0] if rows else None

    async def status(self, person: Person) -> Status | None:
        row = await self.row(person)
        return row.status if row else None
