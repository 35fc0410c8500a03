"""The users that an export selects, by the arguments of the query `users`."""

from __future__ import annotations

from models.portals import lookup as portals
from models.users.listing import Sorting
from models.users.selection.conditions import UserQuery
from resolvers.core.portal_choice import checked_id_and_slug
from resolvers.types.users.user_arguments import UserOrder, user_query
from resolvers.types.users.user_filter import UserFilter
from rules.access import Actor
from rules.lifecycle.statuses import Category
from rules.messages.bulk import BulkMessage
from rules.refusals import Refusal


async def selected_users(
    actor: Actor,
    portal_id: str | None = None,
    portal_slug: str | None = None,
    category: Category | None = None,
    filter: UserFilter | None = None,
    search: str | None = None,
    order_by: list[UserOrder] | None = None,
) -> tuple[UserQuery, Sorting]:
    """Convert the arguments of the root field `users` to the query and the sorting of an export.

    Raise Refusal(BAD_USER_INPUT) in the same cases as `users`. Raise Refusal(NOT_FOUND) if the actor does not manage
    the named portal, although `users` is only null for such a portal.
    """
    row_id, slug = checked_id_and_slug(portal_id, portal_slug)
    if slug is not None:
        row_id = await portals.managed_id_by_slug(actor, slug)
    is_named = bool(portal_id) or slug is not None
    if is_named and (row_id is None or not await portals.is_managed(actor, row_id)):
        raise Refusal(BulkMessage.NO_SUCH_PORTAL, path=("portalId" if slug is None else "portalSlug",))
    return user_query(category, filter, search, order_by, row_id)
