"""Lists of users."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from models.db.keyset import pages as keyset
from models.db.keyset.pages import Page, ShownPage
from models.db.sql import Sql, all_of, is_postgres
from models.portals import lookup as portals
from models.portals.table import PortalRow
from models.users import listing as user_listing
from models.users import lookup as users
from models.users.listing import Sorting
from models.users.selection import indexed_search, totals
from models.users.selection.conditions import UserQuery, conditions, portals_among
from models.users.table import UserRow
from resolvers.core.context import Info
from resolvers.loading.once import Once
from resolvers.paging.arguments import Paging
from resolvers.paging.visibility import Visibility
from resolvers.types.users.portal_user import PortalUser
from resolvers.types.users.user_connection import UserConnection
from rules.access import Actor


async def may_read(info: Info, portal_id: UUID) -> bool:
    """Return whether the viewer may read the portal's users, as `managed_users` requires.

    The database is not asked if the statement that reads the page makes the same check (`is_checked_by_page`).
    """
    actor = info.context.account
    if not actor.manages_users:
        return False
    return is_checked_by_page(actor, portal_id) or await portals.is_managed(actor, portal_id)


def is_checked_by_page(actor: Actor, portal_id: UUID | None) -> bool:
    """Return whether the statement that reads a page also checks that the actor manages the portal.

    This is so for staff on PostgreSQL, if the list is limited to one portal.
    """
    return portal_id is not None and actor.is_staff and is_postgres()


def managed_users(info: Info, query: UserQuery, sorting: Sorting, paging: Paging) -> UserConnection:
    """Return the users that match the query, in all portals that the viewer manages.

    If `query.portal_id` is given, `may_read` must be true for this portal.
    """
    actor, at = info.context.account, info.context.now()
    listing = user_listing.listing(actor, query, sorting, in_portal=user_listing.is_in_portal(actor, query))
    reached = [] if user_listing.is_merged_by_portal(actor, query) else [users.managed_by(actor)]
    visibility = None
    if query.portal_id is not None and is_checked_by_page(actor, query.portal_id):
        reached = [portals.managed_portal_exists(actor, query.portal_id)]
        visibility = Visibility(partial(portals.is_managed, actor, query.portal_id))
    where = all_of([*reached, *conditions(query, at)])
    window = paging.window(listing.order)
    found = Once(lambda: indexed_search.narrowed(actor, query, listing, at))

    async def selected() -> Sql:
        return all_of([where, *await found()]) if query.search else where

    async def page() -> Page[UserRow]:
        found_page = await keyset.page(listing, await selected(), window)
        if visibility:
            visibility.note(bool(found_page.rows))
        return found_page

    async def shown(names: tuple[str, ...]) -> ShownPage:
        found_page = await keyset.shown_page(listing, names, await selected(), window)
        if visibility:
            visibility.note(bool(found_page.records))
        return found_page

    async def total() -> int:
        return await totals.total(actor, query, at, await found() if query.search else ())

    order = user_listing.ordering(sorting, in_portal=user_listing.is_in_portal(actor, query))
    before = keyset.before_page(order, window)

    async def users_before() -> int:
        if before is None:
            return 0
        narrowed = await found() if query.search else ()
        among = all_of([users.managed_by(actor), *conditions(query, at), *narrowed, before])
        return keyset.rows_before(await keyset.count(listing.source, among), window)

    return UserConnection(
        order=listing.order,
        page=Once(page),
        total=Once(total),
        render=PortalUser.of,
        key=paging.key,
        shown=shown,
        visibility=visibility,
        users_before=Once(users_before),
    )


def portal_users(info: Info, portal: PortalRow, query: UserQuery, sorting: Sorting, paging: Paging) -> UserConnection:
    """Return the users of one portal that match the query. Requires a viewer who manages the portal.

    In a list of portals, one statement reads all pages.
    """
    listing = user_listing.listing(info.context.account, query, sorting, in_portal=True)
    order, order_of_users = listing.order, user_listing.ordering(sorting, in_portal=True)
    window, at = paging.window(order), info.context.now()
    actor, loaders = info.context.account, info.context.loaders

    async def total() -> int:
        counted = totals.of_portal(portal, query)
        return await loaders.user_counts_by_owner(query, at).load(portal.id) if counted is None else counted

    before = keyset.before_page(order_of_users, window)

    def among(owner: UUID) -> Sql:
        assert before is not None  # noqa: S101  # `users_before` counts only then
        return all_of([users.managed_by(actor), portals_among([owner]), *conditions(query, at), before])

    async def users_before() -> int:
        if before is None:
            return 0
        what = ("users before", repr(query), sorting, window)
        return keyset.rows_before(await loaders.counts_by_owner(what, listing.source, among).load(portal.id), window)

    return UserConnection(
        order=order,
        page=Once(lambda: loaders.users_by_owner(query, sorting, window, at).load(portal.id)),
        total=total,
        render=PortalUser.of,
        key=paging.key,
        shown=lambda names: loaders.shown_users_by_owner(names, query, sorting, window, at).load(portal.id),
        users_before=users_before,
    )
