"""What can be asked."""

from __future__ import annotations

from typing import Annotated

import strawberry

from resolvers import node_lookup
from resolvers.core.access import root_field
from resolvers.core.connections import After, Before, Connection, First, Last, Paging
from resolvers.core.context import Info
from resolvers.core.global_ids import id_of
from resolvers.core.node import Node
from resolvers.types import audit, operations
from resolvers.types.accounts.account import Account
from resolvers.types.accounts.account_lookup import find_account
from resolvers.types.audit import AuditEvent
from resolvers.types.operations import BulkOperation
from resolvers.types.portals.license_tiles import LicenseTiles, portal_tiles, summed_tiles
from resolvers.types.portals.portal import Portal
from resolvers.types.portals.portal_lists import portals_seen
from resolvers.types.users.invitation_preview import InvitationPreview, preview
from resolvers.types.users.portal_user import PortalUser
from resolvers.types.users.user_arguments import CategoryArgument, FilterArgument, OrderArgument, SearchArgument, asked
from resolvers.types.users.user_lists import users_listed
from rules.outcomes import State
from rules.refusals import Code, Refusal

PortalIdArgument = Annotated[
    strawberry.ID | None,
    strawberry.argument(description="Only this portal. Default: every portal that the viewer may manage."),
]


@strawberry.type(
    description="What can be asked. A stranger (who sends no good access token) is answered by `invitationPreview`"
    " only; the rest is null for him with a top-level error, whose `extensions.code` is UNAUTHENTICATED:"
    " refreshSession, else signIn. FORBIDDEN: the portal requires a second factor; until enrollMfa and confirmMfa"
    " only `viewer` answers. BAD_USER_INPUT: an argument makes no sense, for instance a page of 101."
)
class Query:
    @root_field("Anything by its id. Null: not there, or not the viewer's to see.")
    async def node(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="Its global id.")]
    ) -> Node | None:
        return await node_lookup.node(info, id)

    @root_field(
        "Many things by their ids, in the order asked; null for each that is not there or not the viewer's to see."
    )
    async def nodes(
        self,
        info: Info,
        ids: Annotated[list[strawberry.ID], strawberry.argument(description="Their global ids; at most 100.")],
    ) -> list[Node | None]:
        return await node_lookup.nodes(info, ids)

    @root_field(
        "The signed-in account. Null exactly for a stranger; with a token that is no good also UNAUTHENTICATED."
    )
    async def viewer(self, info: Info) -> Account | None:
        return await find_account(info, info.context.account.id)

    @root_field("A portal by exactly one of id and slug. Null: not there, or not the viewer's to see.")
    async def portal(
        self,
        info: Info,
        id: Annotated[strawberry.ID | None, strawberry.argument(description="The portal's global id.")] = None,
        slug: Annotated[str | None, strawberry.argument(description="The portal's short name.")] = None,
    ) -> Portal | None:
        if (id is None) == (slug is None):
            raise Refusal(Code.BAD_USER_INPUT, "Give exactly one of id and slug.")
        return await node_lookup.portal_by_slug(info, slug) if slug is not None else await node_lookup.portal(info, id)

    @root_field("The portals that the viewer may see, by name.")
    async def portals(
        self,
        info: Info,
        search: Annotated[
            str | None, strawberry.argument(description="Words of a name or slug, in any order. Empty: every portal.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Portal] | None:
        return portals_seen(info, search, Paging(first, after, last, before))

    @root_field("A user by id. Null: not there, or not the viewer's to see.")
    async def user(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The user's global id.")]
    ) -> PortalUser | None:
        return await node_lookup.user(info, id)

    @root_field(
        "Users of one portal or, without portalId, of every portal that the viewer may manage; portal users manage"
        " none and see an empty list. Null when portalId names nothing that the viewer may manage. Default order:"
        " LAST_NAME, FIRST_NAME."
    )
    async def users(
        self,
        info: Info,
        portal_id: PortalIdArgument = None,
        category: CategoryArgument = None,
        filter: FilterArgument = None,
        search: SearchArgument = None,
        order_by: OrderArgument = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[PortalUser] | None:
        portal = await node_lookup.managed_portal(info, portal_id)
        if portal_id is not None and portal is None:
            return None
        which, sorting = asked(category, filter, search, order_by, portal)
        return users_listed(info, which, sorting, Paging(first, after, last, before))

    @root_field(
        "Tiles of one portal or, without portalId, summed over every portal that the viewer may manage. Null when"
        " portalId names nothing visible, and for portal users."
    )
    async def license_tiles(self, info: Info, portal_id: PortalIdArgument = None) -> LicenseTiles | None:
        if portal_id is None:
            return await summed_tiles(info)
        return await portal_tiles(info, id_of("Portal", portal_id))

    @root_field(
        "What happened in the portals that the viewer may manage, newest first; empty for portal users. Null when"
        " portalId names nothing that the viewer may manage."
    )
    async def audit_log(
        self,
        info: Info,
        portal_id: PortalIdArgument = None,
        user_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(
                description="Only what happened to this user; also to one who is gone. Names nobody: an empty list."
            ),
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[AuditEvent] | None:
        portal = await node_lookup.managed_portal(info, portal_id)
        if portal_id is not None and portal is None:
            return None
        return audit.events(info, portal, node_lookup.user_named(user_id), Paging(first, after, last, before))

    @root_field(
        "The viewer's own runs, previews too, newest first; for MSSP admins and portal admins everybody's in their"
        " scope; empty for portal users. Null when portalId names nothing that the viewer may manage."
    )
    async def bulk_operations(
        self,
        info: Info,
        portal_id: PortalIdArgument = None,
        state_in: Annotated[
            list[State] | None,
            strawberry.argument(description="Only those in one of these states. Default: all, previews too."),
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[BulkOperation] | None:
        portal = await node_lookup.managed_portal(info, portal_id)
        if portal_id is not None and portal is None:
            return None
        return operations.runs(info, portal, state_in, Paging(first, after, last, before))

    @root_field(
        "For the page that an invitation's link (`…/invitation#token=…`) opens. Null for a token that never was, and"
        " when its user is gone. By POST only: URLs are kept in logs."
    )
    async def invitation_preview(
        self,
        info: Info,
        token: Annotated[str, strawberry.argument(description="What the link has behind `#token=`.")],
    ) -> InvitationPreview | None:
        return await preview(info, token)
