"""Portals, as the schema shows them."""

from __future__ import annotations

from uuid import UUID

import strawberry

from models import portals
from models.db import keyset
from models.db.keyset import Listing, Page, SortColumn
from models.db.sql import Sql, all_of
from models.portals import PORTAL, LicensedPortal, PortalRow
from models.staff import StaffRow
from resolvers.core.connections import After, Before, Connection, First, Last, Paging
from resolvers.core.context import Info
from resolvers.core.enums import UserField
from resolvers.core.global_ids import global_id
from resolvers.core.node import Node
from resolvers.loading.once import Once
from resolvers.types.licenses import LicenseTiles, tiles_of
from resolvers.types.user_lists import (
    CategoryArgument,
    FilterArgument,
    OrderArgument,
    SearchArgument,
    asked,
    checked,
    users_below,
)
from resolvers.types.users import PortalUser
from rules.lifecycle.licenses import SeatMode
from rules.text.search import words


@strawberry.type(description="The rules of one portal, as its admins see them.")
class PortalPolicy:
    password_sign_in_enabled: bool = strawberry.field(description="Whether users sign in with a password of their own.")
    password_reset_ttl_hours: int = strawberry.field(description="How long a reset link lives. Default 24.")
    invitation_ttl_hours: int = strawberry.field(description="How long an invitation's link lives. Default 168.")
    verification_code_ttl_minutes: int = strawberry.field(description="How long a mailed code lives. Default 10.")
    lockout_threshold: int = strawberry.field(
        description="Consecutive wrong passwords that lock a user out; five wrong second factors do, or as many as this if fewer."
        " Default 10."
    )
    lockout_minutes: int | None = strawberry.field(
        description="How long a lockout lasts. Null: only an admin or a new password ends it, as after 100 failures in a row."
        " Default 15."
    )
    idle_suspend_days: int | None = strawberry.field(
        description="Days without a sign-in after which a user is suspended. Null: never. Default 90."
    )
    deactivated_retention_days: int = strawberry.field(
        description="Days after which a deactivated user's data is erased. Default 30."
    )
    max_admins: int | None = strawberry.field(
        description="How many admins the portal may have. Null: no limit, the default. 1: the one-admin portal."
    )
    mfa_required: bool = strawberry.field(
        description="Whether users must set up a second factor: without one all else is FORBIDDEN. Default false."
    )
    password_max_age_days: int | None = strawberry.field(
        description="Days after which a new password is asked for. Null: never, the default."
    )
    seat_mode: SeatMode = strawberry.field(description="When a user takes a license seat. Default ON_ACTIVATION.")
    required_user_fields: list[UserField] = strawberry.field(
        description="What a user must have. Default FIRST_NAME, EMAIL."
    )

    @classmethod
    def of(cls, row: PortalRow) -> PortalPolicy:
        return cls(
            password_sign_in_enabled=row.password_sign_in_enabled,
            password_reset_ttl_hours=row.password_reset_ttl_hours,
            invitation_ttl_hours=row.invitation_ttl_hours,
            verification_code_ttl_minutes=row.verification_code_ttl_minutes,
            lockout_threshold=row.lockout_threshold,
            lockout_minutes=row.lockout_minutes,
            idle_suspend_days=row.idle_suspend_days,
            deactivated_retention_days=row.deactivated_retention_days,
            max_admins=row.max_admins,
            mfa_required=row.mfa_required,
            password_max_age_days=row.password_max_age_days,
            seat_mode=row.seat_mode,
            required_user_fields=[UserField(name) for name in row.required_user_fields],
        )


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

    @strawberry.field(description="The portal's tiles and seats. Null for portal users.")
    async def license_tiles(self, info: Info) -> LicenseTiles | None:
        return tiles_of(self.licensed, info.context.now()) if info.context.account.manages_users else None

    @strawberry.field(
        description="The portal's users. Default order: LAST_NAME, FIRST_NAME. Null for portal users. Below a list of"
        " portals every portal's page is read in the same statement."
    )
    async def users(
        self,
        info: Info,
        category: CategoryArgument = None,
        filter: FilterArgument = None,
        search: SearchArgument = None,
        order_by: OrderArgument = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[PortalUser] | None:
        if not info.context.account.manages_users:
            return None
        which, sorting = asked(category, filter, search, order_by)
        return users_below(info, self.licensed.row.id, which, sorting, Paging(first, after, last, before))


BY_NAME = (SortColumn("p.name_key", str), SortColumn("p.id", UUID))
LISTING = Listing(PORTAL, "portal p", BY_NAME)


def portals_seen(info: Info, search: str | None, paging: Paging) -> Connection[Portal]:
    """Every portal that the viewer may see, by name."""
    where = all_of([portals.visible_to(info.context.account), portals.named(words(checked(search)))])
    window = paging.window(BY_NAME)

    async def read() -> Page[LicensedPortal]:
        return await _licensed(info, await keyset.page(LISTING, where, window))

    total = Once(lambda: keyset.count(LISTING.source, where))
    return Connection(order=BY_NAME, page=Once(read), total=total, render=Portal.of)


def portals_of_staff(info: Info, member: StaffRow, paging: Paging) -> Connection[Portal]:
    """The portals that a member of staff reaches, as far as the viewer sees them."""
    visible, window = portals.visible_to(info.context.account), paging.window(BY_NAME)
    loaders = info.context.loaders

    def where(member: StaffRow) -> Sql:
        return all_of([visible, portals.of_staff(member)])

    async def read() -> Page[LicensedPortal]:
        return await _licensed(info, await loaders.pages_below("portals of staff", LISTING, where, window).load(member))

    total = Once(lambda: loaders.counts_below("portals of staff", LISTING.source, where).load(member))
    return Connection(order=BY_NAME, page=Once(read), total=total, render=Portal.of)


async def _licensed(info: Info, page: Page[PortalRow]) -> Page[LicensedPortal]:
    licensed = await info.context.loaders.portals.load_many([row.id for row in page.rows])
    kept = [(portal, at) for portal, at in zip(licensed, page.positions, strict=True) if portal]
    return Page([p for p, _ in kept], [at for _, at in kept], page.has_previous, page.has_next)
