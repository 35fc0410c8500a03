"""Lists of users."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from models import portal_merge
from models.db import keyset
from models.db.sql import all_of
from models.users import listing as user_listing
from models.users import table as users
from models.users.listing import Sorting, UserQuery
from resolvers.core.connections import Connection, Paging
from resolvers.core.context import Info
from resolvers.loading.once import Once
from resolvers.types.users.portal_user import PortalUser


def users_listed(info: Info, which: UserQuery, sorting: Sorting, paging: Paging) -> Connection[PortalUser]:
    """The users whom the viewer manages, among those asked for."""
    actor, conditions = info.context.account, user_listing.conditions(which, info.context.now())
    where, listing = all_of([users.managed_by(actor), *conditions]), user_listing.listing(sorting)
    merged = portal_merge.assigned(actor, "u.portal_id") if which.portal_id is None else None
    listed, among = (replace(listing, branches=merged), all_of(conditions)) if merged else (listing, where)
    window = paging.window(listing.order)
    return Connection(
        order=listing.order,
        page=Once(lambda: keyset.page(listed, among, window)),
        total=Once(lambda: keyset.count("portal_user u", where)),
        render=PortalUser.of,
    )


def users_below(
    info: Info, portal_id: UUID, which: UserQuery, sorting: Sorting, paging: Paging
) -> Connection[PortalUser]:
    """The same for one portal of many: all portals' pages are read together."""
    order = user_listing.ordering(sorting)
    window, at = paging.window(order), info.context.now()
    loaders = info.context.loaders
    return Connection(
        order=order,
        page=Once(lambda: loaders.users_below(which, sorting, window, at).load(portal_id)),
        total=Once(lambda: loaders.user_counts_below(which, at).load(portal_id)),
        render=PortalUser.of,
    )
