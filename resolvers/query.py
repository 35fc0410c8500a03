"""The root type of queries."""

from __future__ import annotations

from typing import Annotated

import strawberry

from models.portals.listing import PortalConditions
from resolvers import node_lookup
from resolvers.administration_queries import AdministrationQueries
from resolvers.core.access import EntriesCheck, access_checked_field
from resolvers.core.context import Info
from resolvers.core.global_ids import NO_ROW_ID, id_of
from resolvers.core.node import Node
from resolvers.core.portal_choice import checked_id_and_slug
from resolvers.node_lookup import MAX_NODES
from resolvers.open_queries import OpenQueries
from resolvers.paging.arguments import PageArguments, Paging
from resolvers.paging.connection import Connection
from resolvers.root_descriptions import READ_ACCESS
from resolvers.shared_descriptions import EXPORT, TYPED_SLUG
from resolvers.staff_queries import StaffQueries
from resolvers.types import operations
from resolvers.types.accounts.account import Account
from resolvers.types.accounts.account_lookup import find_account
from resolvers.types.audit import AuditEvent, AuditFilterArgument, audit_events, conditions_of
from resolvers.types.operations import BulkOperation
from resolvers.types.portals.license_tiles import LicenseTiles, portal_tiles, slug_tiles, summed_tiles
from resolvers.types.portals.portal import Portal
from resolvers.types.portals.portal_arguments import PortalFilterArgument, PortalOrderArgument, sorting_of
from resolvers.types.portals.portal_lists import visible_portals
from resolvers.types.users.portal_user import PortalUser
from resolvers.types.users.user_arguments import (
    MAX_SEARCH_LENGTH,
    CategoryArgument,
    FilterArgument,
    OrderArgument,
    SearchArgument,
    user_query,
)
from resolvers.types.users.user_connection import UserConnection
from resolvers.types.users.user_lists import managed_users, may_read
from rules.outcomes import OperationState
from rules.refusals import Code, Refusal
from rules.text.folding import slug_key

PortalIdArgument = Annotated[
    strawberry.ID | None,
    strawberry.argument(description="The global id of a portal. Null or empty: every portal that the viewer manages."),
]

PortalSlugArgument = Annotated[
    str | None,
    strawberry.argument(
        description="The `slug` of a portal, in place of `portalId`: both together are refused with BAD_USER_INPUT."
        f" {TYPED_SLUG} Null or empty: as without it."
    ),
]


@strawberry.type(description=READ_ACCESS)
class Query(OpenQueries, StaffQueries, AdministrationQueries):
    @access_checked_field("An object by its global id. Null if it does not exist or is not visible to the viewer.")
    async def node(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The object's global id.")]
    ) -> Node | None:
        return await node_lookup.find_node(info, id)

    @strawberry.field(
        description="Objects by their global ids, in the given order. Null for each object that does not exist or is not visible"
        " to the viewer. If the field is refused, every entry is null.",
        extensions=[EntriesCheck("ids", MAX_NODES)],
    )
    async def nodes(
        self,
        info: Info,
        ids: Annotated[
            list[strawberry.ID], strawberry.argument(description=f"The objects' global ids; at most {MAX_NODES}.")
        ],
    ) -> list[Node | None]:
        return await node_lookup.find_nodes(info, ids)

    @access_checked_field(
        "The signed-in account. Without an access token: null, without an error. With a token that is not valid: null, with the"
        " error UNAUTHENTICATED."
    )
    async def viewer(self, info: Info) -> Account | None:
        return await find_account(info, info.context.account.id)

    @access_checked_field(
        "A portal, by exactly one of `id` and `slug`: neither or both are refused with BAD_USER_INPUT. Null if the portal does"
        " not exist or is not visible to the viewer."
    )
    async def portal(
        self,
        info: Info,
        id: Annotated[strawberry.ID | None, strawberry.argument(description="The portal's global id.")] = None,
        slug: Annotated[
            str | None,
            strawberry.argument(description=f"The portal's `slug`. {TYPED_SLUG}"),
        ] = None,
    ) -> Portal | None:
        named = slug_key(slug)
        if bool(id) == bool(named):
            raise Refusal(Code.BAD_USER_INPUT, "Give exactly one of id and slug.")
        if named:
            return await node_lookup.find_portal_by_slug(info, named)
        return await node_lookup.find_portal(info, id_of("Portal", id))

    @access_checked_field(
        "The portals visible to the viewer, ordered by name: for staff the portals that they manage, for users of a portal that portal.",
        PageArguments(),
    )
    async def portals(
        self,
        info: Info,
        paging: Paging,
        search: Annotated[
            str | None,
            strawberry.argument(
                description="Words of the name or slug, in any order; a word may be a part. At most"
                f" {MAX_SEARCH_LENGTH} characters; a longer search is refused with BAD_USER_INPUT. Null or empty: all portals."
            ),
        ] = None,
        filter: PortalFilterArgument = None,
        order_by: PortalOrderArgument = None,
    ) -> Connection[Portal] | None:
        which = filter.conditions() if filter else PortalConditions()
        return visible_portals(info, search, which, sorting_of(order_by), paging)

    @access_checked_field("A user by global id. Null if the user does not exist or is not visible to the viewer.")
    async def user(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The user's global id.")]
    ) -> PortalUser | None:
        return await node_lookup.find_user(info, id_of("PortalUser", id))

    @access_checked_field(
        "The users of one portal or, if none is named, of every portal that the viewer manages; empty for the role"
        " PORTAL_USER, which manages none. Null if the named portal is not one that the viewer manages. Default order: LAST_NAME,"
        f" FIRST_NAME. {EXPORT}",
        PageArguments(),
    )
    async def users(
        self,
        info: Info,
        paging: Paging,
        portal_id: PortalIdArgument = None,
        portal_slug: PortalSlugArgument = None,
        category: CategoryArgument = None,
        filter: FilterArgument = None,
        search: SearchArgument = None,
        order_by: OrderArgument = None,
    ) -> UserConnection | None:
        portal = await node_lookup.named_portal(info, portal_id, portal_slug, may_read)
        if portal.is_hidden:
            return None
        query, sorting = user_query(category, filter, search, order_by, portal.id)
        return managed_users(info, query, sorting, paging)

    @access_checked_field(
        "The license tiles of one portal or, if none is named, their sum over every portal that the viewer manages."
        " Null if the named portal is not one that the viewer manages, and for the role PORTAL_USER."
    )
    async def license_tiles(
        self, info: Info, portal_id: PortalIdArgument = None, portal_slug: PortalSlugArgument = None
    ) -> LicenseTiles | None:
        row_id, slug = checked_id_and_slug(portal_id, portal_slug)
        if slug is not None:
            return await slug_tiles(info, slug)
        return await (summed_tiles(info) if row_id is None else portal_tiles(info, row_id))

    @access_checked_field(
        "The audit log of one portal or, if none is named, of every portal that the viewer manages, newest first. Without a named"
        " portal, MSSP admins also get the events of the MSSP, its license packages and its staff (`AuditEvent.portal` is null)."
        " Empty for the role PORTAL_USER. Null if the named portal is not one that the viewer manages.",
        PageArguments(),
    )
    async def audit_log(
        self,
        info: Info,
        paging: Paging,
        portal_id: PortalIdArgument = None,
        portal_slug: PortalSlugArgument = None,
        user_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(
                description="Only events of this user, who may be deleted. An id that names no user gives an empty list. Null or empty: all events."
            ),
        ] = None,
        filter: AuditFilterArgument = None,
    ) -> Connection[AuditEvent] | None:
        portal = await node_lookup.named_portal(info, portal_id, portal_slug)
        if portal.is_hidden:
            return None
        of_user = id_of("PortalUser", user_id) or NO_ROW_ID if user_id else None
        return audit_events(info, portal.id, of_user, conditions_of(info, filter), paging)

    @access_checked_field(
        "The bulk operations, newest first, without previews unless `stateIn` names PREVIEW. MSSP admins and portal admins see"
        " every operation in their portals; technicians see the operations that they started. Empty for the role PORTAL_USER."
        " Null if the named portal is not one that the viewer manages.",
        PageArguments(),
    )
    async def bulk_operations(
        self,
        info: Info,
        paging: Paging,
        portal_id: PortalIdArgument = None,
        portal_slug: PortalSlugArgument = None,
        state_in: Annotated[
            list[OperationState] | None,
            strawberry.argument(
                description="Only operations in one of these states. Default: all except PREVIEW. An empty list matches no"
                " operation."
            ),
        ] = None,
    ) -> Connection[BulkOperation] | None:
        portal = await node_lookup.named_portal(info, portal_id, portal_slug)
        if portal.is_hidden:
            return None
        return operations.visible_operations(info, portal.id, state_in, paging)
