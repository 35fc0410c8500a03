"""License packages of a portal."""

from __future__ import annotations

from datetime import datetime

import strawberry

from models.licenses import PackageRow
from resolvers.core.context import Info
from resolvers.core.node import Node
from resolvers.core.row_fields import BESIDE_ROW, shown, shows
from resolvers.types.portals.portal import Portal


@shows(PackageRow, is_active=BESIDE_ROW)
@strawberry.type(description="License seats bought for a portal.")
class LicensePackage(Node):
    row: strawberry.Private[PackageRow]
    name: str = strawberry.field(description="The name on the order.")
    seats: int = strawberry.field(description="Number of seats.")
    is_active: bool = strawberry.field(description="Whether the package is active now.")
    starts_at: datetime | None = strawberry.field(description="Start of the package. Null: no start.")
    ends_at: datetime | None = strawberry.field(
        description="End of the package. From this time on it provides no seats. Null: no end."
    )

    @classmethod
    def of(cls, row: PackageRow, at: datetime) -> LicensePackage:
        return shown(cls, row, row=row, is_active=row.runs_at(at))

    @strawberry.field(description="The portal that the seats are for.")
    async def portal(self, info: Info) -> Portal:
        licensed = await info.context.loaders.portals.load(self.row.portal_id)
        assert licensed is not None  # noqa: S101  # a viewer who sees a package sees its portal
        return Portal.of(licensed)
