"""License tiles of one portal, and their sum over several portals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import strawberry

from models.portals import lookup as portals
from models.portals import reach
from models.portals.lookup import LicensedPortal
from resolvers.core.context import Info
from resolvers.core.field_costs import cost
from resolvers.core.global_ids import global_id
from resolvers.core.node import Node
from resolvers.types.portals.license_packages import LicensePackage
from resolvers.types.portals.portal import Portal
from rules.lifecycle.counters import TILE_COUNTERS, TileKind
from rules.lifecycle.statuses import Category, Status, StatusReason


@strawberry.type(
    description="A number of users, with the arguments of `users` that list them: `users(category:, filter:"
    " {statusIn:, statusReasonIn:}).totalCount` equals `count`. For the tiles of one portal, add its"
    " id as `portalId`."
)
class LicenseTile:
    kind: TileKind = strawberry.field(description="What the tile counts.")
    count: int = strawberry.field(description="Number of users at the tiles' `asOf`.")
    category: Category | None = strawberry.field(
        description="Value of `users(category:)`, and the list that the tile belongs to. Null only for LOCKED_USERS, whose"
        " users are in two categories: omit the argument."
    )
    status_in: list[Status] | None = strawberry.field(description="Value of `filter.statusIn`. Null: omit the field.")
    status_reason_in: list[StatusReason] | None = strawberry.field(
        description="Value of `filter.statusReasonIn`. Null: omit the field."
    )


@strawberry.type(
    description="License seats and tiles of one portal, or their sum over every portal that the viewer manages."
    " There is one node for each portal, and one for the sum of each viewer, so that a client's cache updates the tiles from"
    " every answer."
)
class LicenseTiles(Node):
    licensed: strawberry.Private[tuple[LicensedPortal, ...]]
    is_sum: strawberry.Private[bool]
    as_of: datetime = strawberry.field(description="Time at which the numbers were read.")
    seats_total: int | None = strawberry.field(
        description="Number of seats in the active packages. Null: unlimited. A sum is null if one of its portals is"
        " unlimited."
    )
    seats_used: int = strawberry.field(description="Number of seats that users hold.")
    seats_available: int | None = strawberry.field(
        description="Number of available seats. Never below 0, also if `seatsUsed` is above `seatsTotal` because a package has"
        " ended. Null: unlimited."
    )
    tiles: list[LicenseTile] = strawberry.field(
        description="One tile of each kind, in the order of the enum.", metadata=cost(entries=len(TileKind))
    )

    @strawberry.field(
        description="The portal. Null for the sum over the viewer's portals, also if the viewer manages only one."
    )
    def portal(self, info: Info) -> Portal | None:
        return None if self.is_sum else Portal.of(self.licensed[0])

    @strawberry.field(description="The license packages of the portals, active or not, ordered by portal and name.")
    def packages(self) -> list[LicensePackage]:
        return [LicensePackage.of(package, self.as_of) for portal in self.licensed for package in portal.packages]


def tiles_of(portal: LicensedPortal, at: datetime) -> LicenseTiles:
    """Return the tiles of one portal."""
    return _tiles(global_id("LicenseTiles", portal.row.id), (portal,), at, is_sum=False)


async def summed_tiles(info: Info) -> LicenseTiles | None:
    """Return the sum of the tiles of all portals that the viewer manages, or None if the viewer manages no users."""
    actor = info.context.account
    if not actor.manages_users:
        return None
    visible = await portals.licensed(reach.visible_to(actor))
    return _tiles(global_id("LicenseTiles", actor.id), tuple(visible.values()), info.context.now(), is_sum=True)


async def portal_tiles(info: Info, portal_id: UUID | None) -> LicenseTiles | None:
    """Return the tiles of the portal, or None if the viewer does not manage the portal."""
    if portal_id is None or not info.context.account.manages_users:
        return None
    licensed = await info.context.loaders.portals.load(portal_id)
    return tiles_of(licensed, info.context.now()) if licensed else None


async def slug_tiles(info: Info, slug: str) -> LicenseTiles | None:
    """Return the tiles of the portal with the slug, or None if the viewer does not manage the portal."""
    if not info.context.account.manages_users:
        return None
    licensed = await portals.by_slug(info.context.account, slug)
    return tiles_of(licensed, info.context.now()) if licensed else None


def _tiles(
    tiles_id: strawberry.ID, licensed: tuple[LicensedPortal, ...], at: datetime, *, is_sum: bool
) -> LicenseTiles:
    return LicenseTiles(
        id=tiles_id,
        licensed=licensed,
        is_sum=is_sum,
        as_of=at,
        seats_total=_sum([portal.seats_total(at) for portal in licensed]),
        seats_used=sum(portal.row.seats_used for portal in licensed),
        seats_available=_sum([portal.seats_available(at) for portal in licensed]),
        tiles=[
            *(
                LicenseTile(
                    kind=kind,
                    count=_counted(licensed, kind),
                    category=category,
                    status_in=None,
                    status_reason_in=None,
                )
                for kind, category in (
                    (TileKind.ACTIVE_USERS, Category.ENABLED),
                    (TileKind.INACTIVE_USERS, Category.DISABLED),
                    (TileKind.OPEN_INVITES, Category.UNCONFIRMED),
                )
            ),
            LicenseTile(
                kind=TileKind.LOCKED_USERS,
                count=_counted(licensed, TileKind.LOCKED_USERS),
                category=None,
                status_in=[Status.LOCKED_OUT, Status.SUSPENDED],
                status_reason_in=None,
            ),
            LicenseTile(
                kind=TileKind.WAITING_FOR_SEAT,
                count=_counted(licensed, TileKind.WAITING_FOR_SEAT),
                category=Category.DISABLED,
                status_in=[Status.DEACTIVATED],
                status_reason_in=[StatusReason.WAITING_FOR_SEAT],
            ),
        ],
    )


def _counted(licensed: Sequence[LicensedPortal], kind: TileKind) -> int:
    return sum(getattr(portal.row, counter) for portal in licensed for counter in TILE_COUNTERS[kind])


def _sum(numbers: Sequence[int | None]) -> int | None:
    """Return the sum, or None if one of the numbers is None. None means unlimited."""
    total = 0
    for number in numbers:
        if number is None:
            return None
        total += number
    return total
