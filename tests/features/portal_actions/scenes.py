"""The portals and the actors of tests about a portal's actions, and the calls that perform each action."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from models.tables import Portal, PortalUser
from resolvers.core.global_ids import global_id
from rules.access import Role
from rules.administration.portals import MOST_USERS_ERASED
from rules.grants.kinds import GrantableKind
from rules.lifecycle.licenses import SeatMode, UserKind
from rules.lifecycle.statuses import Status
from rules.rights.portal_actions import PortalAction
from tests.features.administration.administering import DOCUMENT
from tests.features.administration.assigning import assign
from tests.support.granting import entry
from tests.support.world import Ask, Person, Reply, World
from tests.support.world.bulk_documents import bulk_document

OFFERED = """
query ($id: ID!) {
  portal(id: $id) {
    availableActions { action allowed reason { code message retryable retryAt suggestedAction params { name value } } }
  }
}
"""
ROLES = ("MSSP admin", "technician", "ended assignment", "portal admin", "portal user")
HIDDEN = ("ended assignment",)
"""The roles that cannot see the portal."""


@dataclass(frozen=True)
class Scene:
    """A portal with a package, a workspace, the admin `ann`, the user `bob`, and the actor of the test."""

    portal: Portal
    package: str
    workspace: str
    ann: Person
    bob: Person
    actor: Person

    @property
    def portal_id(self) -> str:
        return global_id("Portal", self.portal.id)


async def scene(world: World, ask: Ask, role: str, state: str) -> Scene:
    """Create a portal and an actor of the role. Sign in as the actor, then bring the portal into the state."""
    portal = await world.portal(seats=None)
    package = await world.package(portal, 5)
    ann = await world.portal_admin(portal)
    bob = await world.user(portal, kind=UserKind.EXTERNAL)
    match role:
        case "MSSP admin":
            actor = await world.mssp_admin()
        case "technician" | "ended assignment":
            actor = await world.technician(portal)
        case _:
            actor = ann if role == "portal admin" else bob
    await ask("{ viewer { id } }", actor=actor)
    if role == "ended assignment":
        nora = await world.mssp_admin()
        assert (await assign(ask, nora, actor, tags=["any"], endsAt="2020-01-01T00:00:00Z"))["errors"] == []
    workspace = await entry(world, portal, GrantableKind.WORKSPACE)
    there = Scene(portal, global_id("LicensePackage", package.id), workspace.gid, ann, bob, actor)
    await STATES[state](world, there)
    return there


def _columns(**columns: Any) -> Callable[[World, Scene], Awaitable[None]]:
    async def change(world: World, there: Scene) -> None:
        await Portal.filter(id=there.portal.id).update(**columns)

    return change


async def _leave_no_admin(world: World, there: Scene) -> None:
    await PortalUser.filter(id=there.ann.id).update(status=Status.DEACTIVATED)
    await Portal.filter(id=there.portal.id).update(active=1, deactivated=1, enabled_admins=0, counted_admins=0)


async def _leave_only_the_admin(world: World, there: Scene) -> None:
    await PortalUser.filter(id=there.bob.id).update(status=Status.DEACTIVATED)
    await Portal.filter(id=there.portal.id).update(active=1, deactivated=1)


STATES: dict[str, Callable[[World, Scene], Awaitable[None]]] = {
    "active": _columns(),
    "inactive": _columns(is_active=False),
    "at the limit of admins": _columns(max_admins=1),
    "without a free seat for an invitation": _columns(seat_mode=SeatMode.ON_INVITE, seats_used=5),
    "without an admin": _leave_no_admin,
    "without a user but the admin": _leave_only_the_admin,
    "with more users than are erased at once": _columns(staged=MOST_USERS_ERASED + 1),
}

Call = tuple[str, dict[str, Any]]
"""A GraphQL document with the variable `$input` or `$id`, and the dict of the variables to send."""


def _mutation(field: str, shown: str, **input: Any) -> Call:
    return DOCUMENT.format(name=field[0].upper() + field[1:], field=field, shown=shown), {"input": input}


def _invitation(there: Scene, role: Role) -> Call:
    invitee = {"firstName": "New", "email": "new@acme.test", "role": role}
    target = {"newUsers": {"portalId": there.portal_id, "invitees": [invitee]}}
    return bulk_document("inviteUsers"), {"input": {"target": target}}


def _list(field: str, there: Scene) -> Call:
    return f"query ($id: ID!) {{ {field}(portalId: $id) {{ totalCount }} }}", {"id": there.portal_id}


def calls(action: PortalAction, there: Scene) -> list[Call]:
    """Return the calls that perform the action in the scene's portal.

    Their inputs are valid, so a call can be refused only because of the portal's state or the actor's rights.
    """
    portal_id = there.portal_id
    match action:
        case PortalAction.ADD_USERS:
            return [_invitation(there, Role.PORTAL_USER)]
        case PortalAction.ADD_ADMINS:
            return [_invitation(there, Role.PORTAL_ADMIN)]
        case PortalAction.MANAGE_USERS:
            sessions = (bulk_document("revokeSessions"), {"input": {"users": {"ids": [there.bob.gid]}}})
            return [_list("users", there), sessions]
        case PortalAction.READ_AUDIT_LOG:
            return [_list("auditLog", there)]
        case PortalAction.TRANSFER_ADMIN:
            return [_mutation("transferPortalAdmin", "newAdmin { id }", toUserId=there.bob.gid)]
        case PortalAction.CHANGE_POLICY:
            new = {"portalId": portal_id, "lockoutMinutes": 7}
            preview = (
                "query ($input: UpdatePortalPolicyInput!) { previewPortalPolicy(input: $input) { errors { code } } }"
            )
            return [(preview, {"input": new}), _mutation("updatePortalPolicy", "portal { id }", **new)]
        case PortalAction.MANAGE_LICENSES:
            more = _mutation("createLicensePackage", "package { id }", portalId=portal_id, name="More", seats=1)
            return [more, _mutation("updateLicensePackage", "package { id }", id=there.package, name="Renamed")]
        case PortalAction.MANAGE_CATALOGUES:
            added = _mutation("saveGrantable", "grantable { id }", portalId=portal_id, kind="GROUP", name="New")
            return [added, _mutation("deleteGrantable", "usersLosingIt", id=there.workspace)]
        case PortalAction.CHANGE_PORTAL:
            return [_mutation("updatePortal", "portal { id }", id=portal_id, name="Renamed")]
        case PortalAction.DELETE_PORTAL:
            return [_mutation("deletePortal", "usersToDelete", id=portal_id, confirmSlug=there.portal.slug)]


def answered(reply: Reply) -> str | None:
    """Return the code of the refusal, or None if the call succeeded. Return "null" if a list is null."""
    if reply.codes:
        return reply.codes[0]
    (value,) = reply.data.values()
    if value is None:
        return "null"
    refused = value.get("errors") or [outcome["reason"] for outcome in value.get("outcomes", []) if outcome["reason"]]
    return refused[0]["code"] if refused else None
