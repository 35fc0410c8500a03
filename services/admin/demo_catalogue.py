"""The catalogues of the demo's portals, and the grants of the demo's users."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from uuid import UUID

from models.grants import catalogue, of_users
from models.grants.of_users import SharedGrants
from models.grants.table import GrantableRow
from rules.access import Role
from rules.grants.kinds import GrantableKind, ModuleAccess
from rules.text.folding import sort_key
from services.admin.setup import NewUser

MakeId = Callable[..., UUID]
"""A function that makes an id from its arguments. Equal arguments give equal ids."""

MODULES = ("Alerts", "Assets", "Reports", "Tickets")
ADMIN_ONLY_MODULES = ("Payment", "Pricing", "User management")
BRANCHES = (
    "Amsterdam",
    "Brno",
    "Cádiz",
    "Dresden",
    "Évora",
    "Fribourg",
    "Göteborg",
    "Helsinki",
    "Iași",
    "Jyväskylä",
    "Kraków",
    "Łódź",
    "Málaga",
    "Nîmes",
    "Östersund",
    "Plzeň",
)
BRANCHES_IN = {"acme": 160}
"""Maps the slug of a demo portal to its number of sub-accounts. Other portals have one for each city in BRANCHES."""

WORKSPACES = ("Blueprints", "Incident reviews", "Onboarding")
GROUPS = ("Auditors", "Finance", "On call")
APP_ROLES = (("Service desk", "Agent"), ("Service desk", "Approver"), ("Wiki", "Editor"), ("Wiki", "Reader"))


async def load(slug: str, portal_id: UUID, people: Sequence[tuple[UUID, NewUser]], make_id: MakeId) -> None:
    """Store the portal's catalogue, and the grants of its users.

    `people` are pairs of a user's id and the user's values.
    """
    entries = list(_entries(slug, portal_id, make_id))
    await catalogue.add([catalogue.system_group(portal_id), *entries])
    await of_users.give(
        [SharedGrants([user_id], dict(_grants(n, person, entries))) for n, (user_id, person) in enumerate(people)]
    )


def _entries(slug: str, portal_id: UUID, make_id: MakeId) -> Iterator[GrantableRow]:
    number = BRANCHES_IN.get(slug, len(BRANCHES))
    branches = [f"{BRANCHES[n % len(BRANCHES)]} {n // len(BRANCHES) + 1}" for n in range(number)]
    named: list[tuple[GrantableKind, str, str, bool]] = [
        *((GrantableKind.MODULE, "", name, False) for name in MODULES),
        *((GrantableKind.MODULE, "", name, True) for name in ADMIN_ONLY_MODULES),
        *((GrantableKind.SUB_ACCOUNT, "", name, False) for name in branches),
        *((GrantableKind.WORKSPACE, "", name, False) for name in WORKSPACES),
        *((GrantableKind.GROUP, "", name, False) for name in GROUPS),
        *((GrantableKind.APP_ROLE, app, name, False) for app, name in APP_ROLES),
    ]
    for kind, app, name, admin_only in named:
        yield GrantableRow(
            id=make_id(slug, kind, app, name),
            portal_id=portal_id,
            kind=kind,
            app=app,
            app_key=sort_key(app),
            name=name,
            name_key=sort_key(name),
            admin_only=admin_only,
        )


def _grants(n: int, person: NewUser, entries: Sequence[GrantableRow]) -> Iterator[tuple[UUID, ModuleAccess | None]]:
    """Yield the grants of the user with the number `n`: pairs of an entry's id and the level.

    Admins hold every module. Other users hold some entries of each kind. Only modules have a level.
    """
    for place, entry in enumerate(entries):
        if entry.kind is GrantableKind.MODULE:
            if person.role is Role.PORTAL_ADMIN:
                yield entry.id, ModuleAccess.WRITE
            elif not entry.admin_only and (n + place) % 3:
                yield entry.id, ModuleAccess.WRITE if (n + place) % 4 == 0 else ModuleAccess.READ
        elif entry.kind is GrantableKind.SUB_ACCOUNT:
            if not person.all_sub_accounts and (n * 7 + place) % 40 == 0:
                yield entry.id, None
        elif (n * 5 + place) % 7 == 0:
            yield entry.id, None
