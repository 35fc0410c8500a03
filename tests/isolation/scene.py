"""Two MSSPs with an object of each type, the accounts that query them, and which account may see what."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

from models.portals.table import Portal
from models.tables import StaffMember
from resolvers.core.global_ids import global_id
from rules.access import Role
from rules.grants.kinds import TYPE_NAMES, GrantableKind
from tests.isolation.members import Member, invited_members, members
from tests.support.granting import entry, grant, system_group
from tests.support.world import PASSWORD, Ask, Person, World

PLACES = ("own", "sibling", "foreign", "random")
"""The names of the places: a portal, another portal of the same MSSP, a portal of another MSSP, and unknown ids."""

ASKERS = {
    "stranger": None,
    "portal user": Role.PORTAL_USER,
    "portal admin": Role.PORTAL_ADMIN,
    "technician": Role.MSSP_TECHNICIAN,
    "technician whose assignment ended": Role.MSSP_TECHNICIAN,
    "MSSP admin": Role.MSSP_ADMIN,
    "other MSSP's admin": Role.MSSP_ADMIN,
}

_ADMINS = {"MSSP admin": {"own", "sibling"}, "other MSSP's admin": {"foreign"}}
_MANAGERS = {"portal admin": {"own"}, "technician": {"own"}, **_ADMINS}
AUDIENCES: dict[str, dict[str, set[str]]] = {
    "its managers": _MANAGERS,
    "its members": {"portal user": {"own"}, **_MANAGERS},
    "its admins": {"portal admin": {"own"}, **_ADMINS},
    "the MSSP's admins": _ADMINS,
    "the MSSP's staff": {
        "technician": {"own", "sibling"},
        "technician whose assignment ended": {"own", "sibling"},
        **_ADMINS,
    },
    "all": {asker: {"own", "sibling", "foreign"} for asker in ASKERS},
    "none": {},
}
"""For each audience, the places that each asker can see (docs/requirements.md#rights). Other places look non-existent.
"""

NAMESPACE = UUID("8c7b6b0e-5f0c-4c8e-9d63-5b7c4b0f5a10")


@dataclass
class Place:
    """A portal's slug, and the global id of one object of each type. In the place "random", no id exists."""

    slug: str
    ids: dict[str, str]
    portal: Portal | None = None
    account: str = "none"
    """The login of an account in the place. The password is PASSWORD."""
    fresh: list[Person] = field(default_factory=list)
    """Users for mutations. `target` takes each user once."""
    invitations: list[str] = field(default_factory=list)
    """Tokens of invitations. `invitation` takes each token once."""
    members: list[Member] = field(default_factory=list)
    """Members of staff for mutations. `member` takes each member once."""
    invited: list[Member] = field(default_factory=list)
    """Members of staff with a pending invitation. `invited_member` takes each member once."""

    def invitation(self) -> str:
        """Return the token of an unused invitation, or an invalid token if the place has none."""
        return self.invitations.pop() if self.invitations else "no token"

    def target(self) -> str:
        """Return the global id of a user who has no events yet, or an unknown id if the place has none."""
        return self.fresh.pop().gid if self.fresh else self.ids["PortalUser"]

    def member(self) -> Member:
        """Return a member of staff who has no events yet."""
        return self.members.pop() if self.members else self._unknown_member()

    def invited_member(self) -> Member:
        """Return a member of staff with a pending invitation and no events yet."""
        return self.invited.pop() if self.invited else self._unknown_member()

    def _unknown_member(self) -> Member:
        assert self.portal is None, "there are too few members of staff in the place"
        return Member(self.ids["StaffMember"], self.ids["AccountSession"])


@dataclass
class Scene:
    places: dict[str, Place]
    askers: dict[str, Person | None]


async def set_up(world: World, ask: Ask) -> Scene:
    """Create the places (portals with objects, and unknown ids) and the askers (the callers who ask about them).

    The technicians are assigned to the portal "own" only. All operations and events in the places come from other
    accounts than the askers.
    """
    one, other = await world.mssp("One"), await world.mssp("Other")
    portals = {
        "own": await world.portal("own", mssp=one),
        "sibling": await world.portal("sibling", mssp=one),
        "foreign": await world.portal("foreign", mssp=other),
    }
    places = {"random": Place("random", {kind: _nobodys(kind) for kind in NODE_KINDS})}
    for name, portal in portals.items():
        places[name] = await _furnished(world, ask, portal)
    askers = {
        "stranger": None,
        "portal user": await world.user(portals["own"]),
        "portal admin": await world.portal_admin(portals["own"]),
        "technician": await world.technician(portals["own"], mssp=one),
        "technician whose assignment ended": await _of_yesterday(world, portals["own"]),
        "MSSP admin": await world.mssp_admin(one),
        "other MSSP's admin": await world.mssp_admin(other),
    }
    return Scene(places, askers)


NODE_KINDS = (
    "Portal",
    "PortalUser",
    "LicenseTiles",
    "LicensePackage",
    "AuditEvent",
    "BulkOperation",
    "StaffMember",
    "Mssp",
    "a sum of another",
    "AccountSession",
    *TYPE_NAMES.values(),
    "a system group",
)


async def _furnished(world: World, ask: Ask, portal: Portal) -> Place:
    colleague = await world.staff(Role.MSSP_TECHNICIAN, mssp=await portal.mssp)
    chief = await world.mssp_admin(await portal.mssp)
    user = await world.user(portal, password=PASSWORD)
    package = await world.package(portal, 5, name="Extra")
    payload = await ask.act("lockUsers", chief, await world.user(portal))
    operation = payload["operation"]["id"]
    events = (await ask("{ auditLog(first: 1) { nodes { id operation { id } } } }", actor=chief)).data["auditLog"]
    assert events["nodes"][0]["operation"]["id"] == operation
    sessions = (await ask("{ viewer { sessions { id } } }", actor=user)).data["viewer"]["sessions"]
    return Place(
        slug=portal.slug,
        ids={
            "Portal": global_id("Portal", portal.id),
            "PortalUser": user.gid,
            "LicenseTiles": global_id("LicenseTiles", portal.id),
            "LicensePackage": global_id("LicensePackage", package.id),
            "AuditEvent": events["nodes"][0]["id"],
            "BulkOperation": operation,
            "StaffMember": colleague.gid,
            "Mssp": global_id("Mssp", (await portal.mssp).id),
            "a sum of another": global_id("LicenseTiles", chief.id),
            "AccountSession": sessions[0]["id"],
            **await _catalogue(world, portal, user),
        },
        portal=portal,
        account=user.login,
        invitations=await _invited(ask, chief, portal),
        fresh=await world.users(3 * len(ASKERS), portal),
        members=await members(world, portal.mssp_id, 2 * len(ASKERS)),
        invited=await invited_members(world, portal.mssp_id, len(ASKERS)),
    )


async def _of_yesterday(world: World, portal: Portal) -> Person:
    technician = await world.technician(portal, mssp=await portal.mssp)
    await StaffMember.filter(id=technician.id).update(assigned_until=world.clock.now() - timedelta(days=1))
    return technician


async def _catalogue(world: World, portal: Portal, holder: Person) -> dict[str, str]:
    """Add an entry of each kind, and grant the entries to the user.

    Return their global ids, keyed by type, and the global id of the system group.
    """
    entries = [
        await entry(world, portal, kind, app="Wiki" if kind is GrantableKind.APP_ROLE else "") for kind in TYPE_NAMES
    ]
    await grant(world, holder, *entries)
    named = {TYPE_NAMES[each.kind]: each.gid for each in entries}
    return {**named, "a system group": (await system_group(portal)).gid}


async def _invited(ask: Ask, chief: Person, portal: Portal) -> list[str]:
    document = "mutation ($input: InviteUsersInput!) { inviteUsers(input: $input) { outcomes { inviteLink } } }"
    names = [f"guest.{n}@{portal.slug}.test" for n in range(len(ASKERS))]
    input = {
        "target": {
            "newUsers": {
                "portalSlug": portal.slug,
                "invitees": [{"firstName": "Guest", "email": name} for name in names],
            }
        },
        "delivery": "LINK",
        "trustStoredEmail": True,
    }
    payload = (await ask(document, actor=chief, input=input)).data["inviteUsers"]
    return [outcome["inviteLink"].partition("#token=")[2] for outcome in payload["outcomes"]]


def _nobodys(kind: str) -> Any:
    type_name = {"a sum of another": "LicenseTiles", "a system group": "Group"}.get(kind, kind)
    return global_id(type_name, uuid5(NAMESPACE, kind))
