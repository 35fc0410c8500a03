"""Lists of users."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from models.db.keyset import pages as keyset
from models.db.sql import all_of
from models.portals.reach import assigned
from models.users import listing as user_listing
from models.users import lookup as users
from models.users.listing import Sorting, UserQuery
from resolvers.core.context import Info
from resolvers.loading.once import Once
from resolvers.paging.arguments import Paging
from resolvers.paging.connection import Connection
from resolvers.types.users.portal_user import PortalUser


def managed_users(info: Info, query: UserQuery, sorting: Sorting, paging: Paging) -> Connection[PortalUser]:
    """Return the users that match the query, in all portals that the viewer manages."""
    actor, conditions = info.context.account, user_listing.conditions(query, info.context.now())
    where, listing = all_of([users.managed_by(actor), *conditions]), user_listing.listing(sorting)
    branches = assigned(actor, "u.portal_id") if query.portal_id is None else None
    listed, among = (replace(listing, branches=branches), all_of(conditions)) if branches else (listing, where)
    window = paging.window(listing.order)
    return Connection(
        order=listing.order,
        page=Once(lambda: keyset.page(listed, among, window)),
        total=Once(lambda: keyset.count("portal_user u", where)),
        render=PortalUser.of,
        shown=lambda names: keyset.shown_page(listed, names, among, window),
    )


def portal_users(
    info: Info, portal_id: UUID, query: UserQuery, sorting: Sorting, paging: Paging
) -> Connection[PortalUser]:
    """Return the users of one portal that match the query. One statement reads the pages of several portals."""
    order = user_listing.ordering(sorting)
    window, at = paging.window(order), info.context.now()
    loaders = info.context.loaders
    return Connection(
        order=order,
        page=Once(lambda: loaders.users_below(query, sorting, window, at).load(portal_id)),
        total=Once(lambda: loaders.user_counts_below(query, at).load(portal_id)),
        render=PortalUser.of,
        shown=lambda names: loaders.shown_users_below(names, query, sorting, window, at).load(portal_id),
    )
