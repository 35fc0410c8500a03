"""A portal. Its tiles and users are added by `portal_contents`, whose types lead back here."""

from __future__ import annotations

import strawberry

from models.portals import LicensedPortal
from resolvers.core.context import Info
from resolvers.core.global_ids import global_id
from resolvers.core.node import Node
from resolvers.types.portals.portal_policy import PortalPolicy


@strawberry.type(description="One tenant's customer portal.")
class Portal(Node):
    licensed: strawberry.Private[LicensedPortal]
    slug: str = strawberry.field(description="Short name in URLs and at sign-in (`portalSlug`); unique, never changes.")
    name: str = strawberry.field(description="The portal's name for people.")
    is_active: bool = strawberry.field(description="False: nobody signs in, and nothing that gives access works.")
    in_production: bool = strawberry.field(description="In production only external users may be put into app roles.")
    start_page_url: str | None = strawberry.field(description="Where users land after signing in. Null: not set.")
    support_contact: str | None = strawberry.field(description="Whom an admin asks for more seats. Null: not set.")

    @classmethod
    def of(cls, licensed: LicensedPortal) -> Portal:
        row = licensed.row
        return cls(
            id=global_id("Portal", row.id),
            licensed=licensed,
            slug=row.slug,
            name=row.name,
            is_active=row.is_active,
            in_production=row.in_production,
            start_page_url=row.start_page_url,
            support_contact=row.support_contact,
        )

    @strawberry.field(description="The portal's rules. Null for portal users.")
    async def policy(self, info: Info) -> PortalPolicy | None:
        return PortalPolicy.of(self.licensed.row) if info.context.account.manages_users else None
