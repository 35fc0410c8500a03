"""Lists of portals."""

from __future__ import annotations

from uuid import UUID

from models.db.keyset import pages as keyset
from models.db.keyset.listings import Listing
from models.db.keyset.pages import Page
from models.db.keyset.spans import SortColumn
from models.db.sql import Sql, all_of
from models.portals import assignments, reach
from models.portals import listing as portal_listing
from models.portals import lookup as portals
from models.portals.listing import PortalConditions, Sorting
from models.portals.lookup import LicensedPortal
from models.portals.table import PORTAL, PortalRow
from models.staff import StaffRow
from resolvers.core.context import Info
from resolvers.loading.once import Once
from resolvers.paging.arguments import Paging
from resolvers.paging.connection import Connection
from resolvers.types.portals.portal import Portal
from resolvers.types.users.user_arguments import (
    checked_search,
)
from rules.text.search import words

BY_NAME = (SortColumn("p.name_key", str), SortColumn("p.id", UUID))


LISTING = Listing(PORTAL, "portal p", BY_NAME)


def visible_portals(
    info: Info, search: str | None, which: PortalConditions, sorting: Sorting, paging: Paging
) -> Connection[Portal]:
    """Return the portals that the viewer can see. `search` and `which` limit the list.

    Raise Refusal(BAD_USER_INPUT) if the search is too long.
    """
    actor = info.context.account
    named = portals.matches_words(words(checked_search(search)))
    where = all_of([reach.visible_to(actor), named, *which.sql(actor)])
    order = portal_listing.ordering(actor, sorting)
    window = paging.window(order)

    async def read() -> Page[LicensedPortal]:
        listing = portal_listing.listing(order, info.context.now())
        return await _with_licenses(info, await keyset.page(listing, where, window))

    total = Once(lambda: keyset.count(LISTING.source, where))
    return Connection(order=order, page=Once(read), total=total, render=Portal.of, key=paging.key)


def portals_of_staff(info: Info, member: StaffRow, paging: Paging) -> Connection[Portal]:
    """Return the portals that a member of staff manages and that the viewer can see, ordered by name.

    If the viewer must set up a second factor first, the list is empty.
    """
    visible, window = reach.managed(info.context.account, "p.id", "p.mssp_id"), paging.window(BY_NAME)
    loaders, at = info.context.loaders, info.context.now()

    def where(member: StaffRow) -> Sql:
        return all_of([visible, portals.managed_by_staff(member, at)])

    async def read() -> Page[LicensedPortal]:
        return await _with_licenses(
            info, await loaders.pages_by_owner("portals of staff", LISTING, where, window).load(member)
        )

    total = Once(lambda: loaders.counts_by_owner("portals of staff", LISTING.source, where).load(member))
    return Connection(order=BY_NAME, page=Once(read), total=total, render=Portal.of, key=paging.key)


def listed_portals(info: Info, member: StaffRow, paging: Paging) -> Connection[Portal]:
    """Return the portals that the technician's assignment lists and that the viewer can see, ordered by name."""
    visible, window = reach.visible_to(info.context.account), paging.window(BY_NAME)
    loaders, what = info.context.loaders, "listed portals"

    def where(member: StaffRow) -> Sql:
        return all_of([visible, assignments.is_listed_for(member.id)])

    async def read() -> Page[LicensedPortal]:
        return await _with_licenses(info, await loaders.pages_by_owner(what, LISTING, where, window).load(member))

    total = Once(lambda: loaders.counts_by_owner(what, LISTING.source, where).load(member))
    return Connection(order=BY_NAME, page=Once(read), total=total, render=Portal.of, key=paging.key)


async def _with_licenses(info: Info, page: Page[PortalRow]) -> Page[LicensedPortal]:
    licensed = await info.context.loaders.portals.load_many([row.id for row in page.rows])
    kept = [(portal, at) for portal, at in zip(licensed, page.positions, strict=True) if portal]
    return Page([p for p, _ in kept], [at for _, at in kept], page.has_previous, page.has_next)
