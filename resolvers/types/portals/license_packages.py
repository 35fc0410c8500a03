"""License packages."""

from __future__ import annotations

from datetime import datetime

import strawberry

from models.licenses import PackageRow
from resolvers.core.context import Info
from resolvers.core.global_ids import global_id
from resolvers.core.node import Node
from resolvers.types.portals.portal import Portal


@strawberry.type(description="Seats bought for a portal, under the name they were bought by.")
class LicensePackage(Node):
    row: strawberry.Private[PackageRow]
    name: str = strawberry.field(description="As on the order.")
    seats: int = strawberry.field(description="How many seats it adds while it runs.")
    is_active: bool = strawberry.field(description="Whether it runs at this moment.")
    starts_at: datetime | None = strawberry.field(description="Null: it has always run.")
    ends_at: datetime | None = strawberry.field(description="From this instant on it gives no seats. Null: no end.")

    @classmethod
    def of(cls, row: PackageRow, at: datetime) -> LicensePackage:
        return cls(
            id=global_id("LicensePackage", row.id),
            name=row.name,
            seats=row.seats,
            is_active=row.runs_at(at),
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            row=row,
        )

    @strawberry.field(description="The portal that the seats were bought for.")
    async def portal(self, info: Info) -> Portal:
        licensed = await info.context.loaders.portals.load(self.row.portal_id)
        assert licensed is not None  # noqa: S101  # whoever sees a package sees its portal
        return Portal.of(licensed)
