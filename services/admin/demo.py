"""The demo data: users in every status, with accents and apostrophes in their names. Every load stores the same data."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid5

from models.tables import (
    LicensePackage,
    Mssp,
    Portal,
    PortalUser,
    SecondFactor,
    StaffMember,
    TechnicianAssignment,
)
from models.users import recount
from rules.access import Role
from rules.lifecycle.statuses import Status
from rules.messages.operator import OperatorMessage
from rules.refusals import Refusal
from rules.text.folding import login_key, sort_key
from services.admin import demo_catalogue, demo_invitations, demo_people
from services.admin.setup import NewUser
from services.runtime import Runtime

PASSWORD = "gatehouse-demo-password"  # noqa: S105  # printed at every start, refused in production
ACCOUNTS = (
    ("admin@northwind.test", None, "MSSP admin: acme, globex, initech"),
    ("technician@northwind.test", None, "technician of acme and globex"),
    ("admin@acme.test", "acme", "portal admin"),
    ("user@acme.test", "acme", "portal user"),
    ("admin@contoso.test", None, "admin of another MSSP: umbra"),
)
"""The accounts that `make run` prints: the e-mail address, the slug of the portal (None for staff), and a description."""

_NAMESPACE = UUID("6e1f3a52-6f0b-4a64-9f25-0f1b9f5b7a11")
ACME = {
    Status.ACTIVE: 150,
    Status.AWAITING_NEW_PASSWORD: 6,
    Status.RECOVERY: 5,
    Status.LOCKED_OUT: 6,
    Status.SUSPENDED: 9,
    Status.DEACTIVATED: 28,
    Status.PROVISIONED: 24,
    Status.STAGED: 10,
}
SMALL = {
    Status.ACTIVE: 24,
    Status.AWAITING_NEW_PASSWORD: 1,
    Status.RECOVERY: 1,
    Status.LOCKED_OUT: 2,
    Status.SUSPENDED: 2,
    Status.DEACTIVATED: 4,
    Status.PROVISIONED: 3,
    Status.STAGED: 1,
}
PORTALS = (
    ("Northwind Security", "acme", "Acme Corporation", ACME, (("Team", 120), ("Growth", 60))),
    ("Northwind Security", "globex", "Globex", SMALL, (("Team", 50),)),
    ("Northwind Security", "initech", "Initech", SMALL, (("Team", 50),)),
    ("Contoso Defense", "umbra", "Umbra", SMALL, (("Team", 50),)),
)
STAFF = (
    ("Northwind Security", "admin@northwind.test", "Nora Admin", Role.MSSP_ADMIN, ()),
    ("Northwind Security", "technician@northwind.test", "Tim Technician", Role.MSSP_TECHNICIAN, ("acme", "globex")),
    ("Contoso Defense", "admin@contoso.test", "Cora Admin", Role.MSSP_ADMIN, ()),
)


async def is_empty() -> bool:
    """Return whether the database contains no provider."""
    return not await Mssp.exists()


async def is_loaded() -> bool:
    """Return whether the database contains the demo data."""
    return await StaffMember.exists(id=_id(ACCOUNTS[0][0]))


async def load(runtime: Runtime, password_hash: str) -> None:
    """Load the demo data. All accounts get `password_hash`. Raise Refusal(INVALID_INPUT) if a provider exists."""

    async def write() -> None:
        if not await is_empty():
            raise Refusal(OperatorMessage.DEMO_NEEDS_EMPTY)
        at = runtime.now()
        for name in dict.fromkeys(portal[0] for portal in PORTALS):
            await Mssp.create(id=_id(name), name=name)
        for mssp, slug, name, users_by_status, packages in PORTALS:
            await _load_portal(runtime, mssp, slug, name, users_by_status, packages, at, password_hash)
        await _load_staff(at, password_hash)
        await recount.recount([_id(slug) for _, slug, *_ in PORTALS])

    await runtime.transactions.run(write)


async def _load_portal(
    runtime: Runtime,
    mssp: str,
    slug: str,
    name: str,
    users_by_status: dict[Status, int],
    packages: tuple[tuple[str, int], ...],
    at: datetime,
    password_hash: str,
) -> None:
    portal = await Portal.create(
        lockout_minutes=None,  # a lock of a demo user does not end by itself
        id=_id(slug),
        mssp_id=_id(mssp),
        slug=slug,
        name=name,
        name_key=sort_key(name),
        start_page_url=f"https://{slug}.test/start",
        support_contact=f"licenses@{mssp.split()[0].lower()}.test",
    )
    for package, seats in packages:
        await LicensePackage.create(id=_id(slug, package), portal_id=portal.id, name=package, seats=seats)
    people = [
        *demo_people.named_users(slug, password_hash),
        *demo_people.more_users(slug, users_by_status, at, password_hash),
    ]
    await PortalUser.bulk_create([person.row(_id(slug, person.username), portal, at) for person in people])
    await SecondFactor.bulk_create([_factor(slug, person, at) for person in people if person.mfa_enrolled])
    await demo_catalogue.load(slug, portal.id, [(_id(slug, p.username), p) for p in people], _id)
    invited = [person for person in people if person.status is Status.PROVISIONED]
    await demo_invitations.invite(
        runtime, portal.id, [(_id(slug, p.username), p.email or "", p.added_at or at) for p in invited], at
    )


def _factor(slug: str, person: NewUser, at: datetime) -> SecondFactor:
    """Return a confirmed second factor without a secret. It refuses every code until an admin removes it."""
    return SecondFactor(
        id=_id(slug, person.username, "second factor"),
        user_id=_id(slug, person.username),
        sealed_secret="",
        created_at=person.added_at or at,
        confirmed_at=person.added_at or at,
    )


async def _load_staff(at: datetime, password_hash: str) -> None:
    for mssp, email, name, role, portals in STAFF:
        member = await StaffMember.create(
            id=_id(email),
            mssp_id=_id(mssp),
            name=name,
            name_key=sort_key(name),
            email=email,
            email_key=login_key(email),
            role=role,
            password_hash=password_hash,
            password_changed_at=at,
            added_at=at,
        )
        for slug in portals:
            await TechnicianAssignment.create(id=_id(email, slug), staff_id=member.id, portal_id=_id(slug))


def _id(*parts: str) -> UUID:
    """Return an id that is computed from `parts`. Every load gives the same id, so that URLs with ids stay valid."""
    return uuid5(_NAMESPACE, "/".join(parts))
