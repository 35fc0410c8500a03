"""Single things by their ids: whatever the viewer may not see is not there."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from models import portals
from resolvers.core.context import Info
from resolvers.core.global_ids import NOBODY, id_of
from resolvers.core.node import Node
from resolvers.types.accounts.sessions import session
from resolvers.types.accounts.staff import Mssp, StaffMember
from resolvers.types.audit import AuditEvent
from resolvers.types.operations import BulkOperation
from resolvers.types.portals.license_packages import LicensePackage
from resolvers.types.portals.license_tiles import portal_tiles, summed_tiles
from resolvers.types.portals.portal import Portal
from resolvers.types.users.portal_user import PortalUser
from rules import global_ids
from rules.refusals import Code, Refusal

MOST_NODES = 100


async def node(info: Info, id: str) -> Node | None:
    """Anything by its global id."""
    parsed = global_ids.parse(id)
    return await BY_TYPE[parsed[0]](info, parsed[1]) if parsed and parsed[0] in BY_TYPE else None


async def nodes(info: Info, ids: list[Any]) -> list[Node | None]:
    """Many by their global ids, in order; each kind is read in one statement."""
    if len(ids) > MOST_NODES:
        raise Refusal(Code.BAD_USER_INPUT, f"nodes takes at most {MOST_NODES} ids.")
    return list(await asyncio.gather(*(node(info, id) for id in ids)))


async def portal(info: Info, id: str | None) -> Portal | None:
    """A portal by its global id."""
    row_id = id_of("Portal", id)
    return await _portal(info, row_id) if row_id else None


async def portal_by_slug(info: Info, slug: str) -> Portal | None:
    """A portal by its short name."""
    found = await portals.by_slug(info.context.account, slug)
    return Portal.of(found) if found else None


async def managed_portal(info: Info, id: str | None) -> UUID | None:
    """The row's id of a portal that the viewer may manage; None for any other, and for none."""
    row_id = id_of("Portal", id)
    if row_id is None or not info.context.account.manages_users:
        return None
    licensed = await info.context.loaders.portals.load(row_id)
    return licensed.row.id if licensed else None


async def user(info: Info, id: str) -> PortalUser | None:
    """A user by the global id."""
    row_id = id_of("PortalUser", id)
    return await _user(info, row_id) if row_id else None


def user_named(id: str | None) -> UUID | None:
    """The row's id to look for; an id that names no user finds nothing, which is not the same as no condition."""
    return None if id is None else id_of("PortalUser", id) or NOBODY


async def _portal(info: Info, id: UUID) -> Portal | None:
    licensed = await info.context.loaders.portals.load(id)
    return Portal.of(licensed) if licensed else None


async def _user(info: Info, id: UUID) -> PortalUser | None:
    row = await info.context.loaders.users.load(id)
    return PortalUser.of(row) if row else None


async def _staff(info: Info, id: UUID) -> StaffMember | None:
    row = await info.context.loaders.staff.load(id)
    return StaffMember.of(row) if row else None


async def _provider(info: Info, id: UUID) -> Mssp | None:
    row = await info.context.loaders.providers.load(id)
    return Mssp.of(row) if row else None


async def _tiles(info: Info, id: UUID) -> Node | None:
    """A portal's tiles, or under the viewer's own id the sum."""
    return await summed_tiles(info) if id == info.context.account.id else await portal_tiles(info, id)


async def _package(info: Info, id: UUID) -> LicensePackage | None:
    package = await info.context.loaders.packages.load(id)
    return LicensePackage.of(package, info.context.now()) if package else None


async def _event(info: Info, id: UUID) -> AuditEvent | None:
    row = await info.context.loaders.events.load(id)
    return AuditEvent.of(row) if row else None


async def _operation(info: Info, id: UUID) -> BulkOperation | None:
    row = await info.context.loaders.operations.load(id)
    return BulkOperation.of(row) if row else None


BY_TYPE: dict[str, Callable[[Info, UUID], Awaitable[Node | None]]] = {
    "Portal": _portal,
    "PortalUser": _user,
    "StaffMember": _staff,
    "Mssp": _provider,
    "LicenseTiles": _tiles,
    "LicensePackage": _package,
    "AuditEvent": _event,
    "BulkOperation": _operation,
    "AccountSession": session,
}
"""Every type with a global id."""
