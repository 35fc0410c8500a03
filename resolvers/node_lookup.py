"""Find objects by their ids. An object that the viewer cannot see is None, like a missing object."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple, cast
from uuid import UUID

from models.portals import lookup as portals
from resolvers.core.context import Info
from resolvers.core.node import Node
from resolvers.core.portal_choice import checked_id_and_slug
from resolvers.types.accounts.sessions import find_session
from resolvers.types.accounts.staff import Mssp, StaffMember
from resolvers.types.audit import AuditEvent
from resolvers.types.grants.grantables import finder as grantable_finder
from resolvers.types.operations import BulkOperation
from resolvers.types.portals.license_packages import LicensePackage
from resolvers.types.portals.license_tiles import portal_tiles, summed_tiles
from resolvers.types.portals.portal import Portal
from resolvers.types.users.portal_user import PortalUser
from rules import global_ids
from rules.grants.kinds import GrantableKind
from rules.refusals import Code, Refusal

MAX_NODES = 100


async def find_node(info: Info, global_id: str) -> Node | None:
    """Return the object with the global id, or None if there is none that the viewer can see."""
    parsed = global_ids.parse(global_id)
    return await BY_TYPE[parsed[0]](info, parsed[1]) if parsed and parsed[0] in BY_TYPE else None


async def find_nodes(info: Info, node_ids: Sequence[str]) -> list[Node | None]:
    """Return the object of each global id, in order, or None if there is none that the viewer can see.

    One statement for each type reads the objects. If reading an object fails, its entry is the exception, which GraphQL
    shows as null. Raise Refusal(BAD_USER_INPUT) if there are more than MAX_NODES ids.
    """
    if len(node_ids) > MAX_NODES:
        raise Refusal(Code.BAD_USER_INPUT, f"nodes takes at most {MAX_NODES} ids.")
    found = await asyncio.gather(*(find_node(info, node_id) for node_id in node_ids), return_exceptions=True)
    return cast(list[Node | None], found)


async def find_portal_by_slug(info: Info, slug: str) -> Portal | None:
    """Return the portal with the slug, or None if there is none that the viewer can see."""
    found = await portals.by_slug(info.context.account, slug)
    return Portal.of(found) if found else None


class NamedPortal(NamedTuple):
    """The portal to which the arguments of a query restrict a list.

    - `id`: the portal's row id. None if the arguments name no portal, or if the portal is hidden.
    - `is_hidden`: whether the named portal does not exist, or is not managed by the viewer.
    """

    id: UUID | None
    is_hidden: bool


async def _is_managed(info: Info, portal_id: UUID) -> bool:
    return await portals.is_managed(info.context.account, portal_id)


async def named_portal(
    info: Info,
    portal_id: str | None,
    portal_slug: str | None,
    may_read: Callable[[Info, UUID], Awaitable[bool]] = _is_managed,
) -> NamedPortal:
    """Return the portal with the global id `portal_id` or with the slug `portal_slug`.

    If the viewer does not manage the portal, the result says that the portal is hidden, and has no id. If `portal_id`
    is given, `may_read` decides this instead. Raise Refusal(BAD_USER_INPUT) if both arguments are given.
    """
    row_id, slug = checked_id_and_slug(portal_id, portal_slug)
    if slug is not None:
        row_id = await portals.managed_id_by_slug(info.context.account, slug)
        return NamedPortal(row_id, is_hidden=row_id is None)
    if row_id is None or await may_read(info, row_id):
        return NamedPortal(row_id, is_hidden=False)
    return NamedPortal(None, is_hidden=True)


async def find_portal(info: Info, portal_id: UUID | None) -> Portal | None:
    """Return the portal with the row id, or None if there is none that the viewer can see."""
    licensed = await info.context.loaders.portals.load(portal_id) if portal_id else None
    return Portal.of(licensed) if licensed else None


async def find_user(info: Info, user_id: UUID | None) -> PortalUser | None:
    """Return the user with the row id, or None if there is none that the viewer can see."""
    row = await info.context.loaders.users.load(user_id) if user_id else None
    return PortalUser.of(row) if row else None


async def _staff_member(info: Info, staff_id: UUID) -> StaffMember | None:
    row = await info.context.loaders.staff.load(staff_id)
    return StaffMember.of(row) if row else None


async def _mssp(info: Info, mssp_id: UUID) -> Mssp | None:
    row = await info.context.loaders.providers.load(mssp_id)
    return Mssp.of(row) if row else None


async def _license_tiles(info: Info, owner_id: UUID) -> Node | None:
    """Return the license tiles of a portal, or None if the viewer does not manage the portal.

    If `owner_id` is the viewer's id, return the sum of the tiles over the viewer's portals.
    """
    if owner_id == info.context.account.id:
        return await summed_tiles(info)
    return await portal_tiles(info, owner_id)


async def _license_package(info: Info, package_id: UUID) -> LicensePackage | None:
    row = await info.context.loaders.packages.load(package_id)
    return LicensePackage.of(row, info.context.now()) if row else None


async def _audit_event(info: Info, event_id: UUID) -> AuditEvent | None:
    row = await info.context.loaders.events.load(event_id)
    return AuditEvent.of(row) if row else None


async def _bulk_operation(info: Info, operation_id: UUID) -> BulkOperation | None:
    row = await info.context.loaders.operations.load(operation_id)
    return BulkOperation.of(row) if row else None


BY_TYPE: dict[str, Callable[[Info, UUID], Awaitable[Node | None]]] = {
    "Portal": find_portal,
    "PortalUser": find_user,
    "StaffMember": _staff_member,
    "Mssp": _mssp,
    "LicenseTiles": _license_tiles,
    "LicensePackage": _license_package,
    "AuditEvent": _audit_event,
    "BulkOperation": _bulk_operation,
    "AccountSession": find_session,
    **dict(grantable_finder(kind) for kind in GrantableKind),
}
"""For each type of Node, the function that finds an object by its row id."""
