"""Bulk operations and their outcomes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from models import operations
from models.db.dialect import is_any_of
from models.db.keyset import pages as keyset
from models.db.keyset.listings import Listing
from models.db.keyset.spans import SortColumn
from models.db.sql import Sql, all_of, sql
from models.operations import OUTCOME, OperationRow, OutcomeRow
from resolvers.core.context import Info
from resolvers.core.node import Node
from resolvers.core.row_fields import shown, shows
from resolvers.enums.roles import PortalRole
from resolvers.loading.once import Once
from resolvers.paging.arguments import Paging, paged_field
from resolvers.paging.connection import Connection
from resolvers.types.accounts.account import Account
from resolvers.types.accounts.account_lookup import ACTOR_NAME, DELETED_ACCOUNT, find_account
from resolvers.types.outcomes import NOTHING, OutcomeSummary, UserOutcome
from resolvers.types.portals.portal import Portal
from rules.lifecycle.actions import Action
from rules.outcomes import ErrorPolicy, OperationState, OutcomeStatus, Summary
from services.bulk.selection_words import in_words, names_more

StatusArgument = Annotated[
    OutcomeStatus | None, strawberry.argument(description="Only outcomes with this status. Default: all.")
]

IN_ORDER = (SortColumn("c.position", int),)
OUTCOMES = Listing(OUTCOME, "bulk_outcome c JOIN bulk_operation o ON o.id = c.operation_id", IN_ORDER)


@shows(OperationRow)
@strawberry.type(
    description="A run of a bulk action, stored with its outcomes. Visible to the account that started it, to the MSSP's"
    " admins, and to the admins of each portal with a selected user. A portal admin sees only the outcomes and counts of"
    " the portal's own users."
)
class BulkOperation(Node):
    row: strawberry.Private[OperationRow]
    action: Action = strawberry.field(description="The action.")
    role: PortalRole | None = strawberry.field(description="The role that changeRoles gives. Null for other mutations.")
    state: OperationState = strawberry.field(description="The progress or the result.")
    reason: str | None = strawberry.field(description="The `options.reason` of the call. Null if none was given.")
    ticket: str | None = strawberry.field(description="The `options.ticket` of the call. Null if none was given.")
    error_policy: ErrorPolicy = strawberry.field(description="The `options.errorPolicy` of the call, or its default.")
    created_at: datetime = strawberry.field(description="Time at which the operation was started.")
    finished_at: datetime | None = strawberry.field(
        description="Time at which the operation ended. Null if it has not ended."
    )
    preview_expires_at: datetime | None = strawberry.field(
        description="Time from which the preview cannot be used as `previewId`. Null unless `state` is PREVIEW."
    )

    @classmethod
    def of(cls, row: OperationRow) -> BulkOperation:
        return shown(cls, row, row=row)

    async def _summary(self, info: Info) -> Summary:
        return await info.context.loaders.summaries.load(self.row.id) or NOTHING

    @strawberry.field(description="Number of users that have an outcome. In this version always equal to `total`.")
    async def processed(self, info: Info) -> int:
        return (await self._summary(info)).requested

    @strawberry.field(description="Number of selected users.")
    async def total(self, info: Info) -> int:
        return (await self._summary(info)).requested

    @strawberry.field(description="The numbers of outcomes.")
    async def summary(self, info: Info) -> OutcomeSummary:
        return OutcomeSummary.of(await self._summary(info))

    @paged_field("operation_id", "One outcome for each selected user, in the order of the selection.")
    async def outcomes(
        self,
        info: Info,
        paging: Paging,
        status: StatusArgument = None,
    ) -> Connection[UserOutcome]:
        seen = [operations.outcomes_visible_to(info.context.account)]
        seen += [sql("c.status = ?", status)] if status else []

        def where(operation_id: UUID) -> Sql:
            return all_of([sql("c.operation_id = ?", operation_id), *seen])

        what, window = ("outcomes", status), paging.window(IN_ORDER)
        loaders = info.context.loaders
        return Connection(
            order=IN_ORDER,
            page=Once(lambda: loaders.pages_by_owner(what, OUTCOMES, where, window).load(self.row.id)),
            total=Once(lambda: loaders.counts_by_owner(what, OUTCOMES.source, where).load(self.row.id)),
            render=self._stored_outcome,
            key=paging.key,
        )

    def _stored_outcome(self, row: OutcomeRow) -> UserOutcome:
        return UserOutcome.of(row, self.row.action, sent=row.sent_id)

    @strawberry.field(
        description="The account that started the operation. Null if it is deleted or not visible to the viewer."
    )
    async def started_by(self, info: Info) -> Account | None:
        return await find_account(info, self.row.actor_id)

    @strawberry.field(description=f"The name of the account that started the operation, {ACTOR_NAME}.")
    async def started_by_name(self, info: Info) -> str:
        return await info.context.loaders.account_names.load(self.row.actor_id) or DELETED_ACCOUNT

    async def _portal_ids(self, info: Info) -> list[UUID]:
        return await info.context.loaders.operation_portals.load(self.row.id) or []

    @strawberry.field(
        description="The portals of the selected users that the viewer may see, ordered by name. Empty if no selected id"
        " named a user."
    )
    async def portals(self, info: Info) -> list[Portal]:
        ids = await self._portal_ids(info)
        found = await info.context.loaders.portals.load_many(ids)
        return [Portal.of(licensed) for licensed in found if licensed]

    @strawberry.field(
        description='How the users were selected, in English, for instance "12 by id" or "all 240 of acme that match'
        " 'meier'\". The text has the value of `total`. The words of a search are left out once a selected user is deleted."
        " A viewer who has lost the portals of all selected users reads neither the words of a search nor a portal."
    )
    async def selection_summary(self, info: Info) -> str:
        count, in_reach = (await self._summary(info)).requested, await self._is_in_reach(info)
        return in_words(self.row.selection or {}, self.row.selection_search, count, in_reach=in_reach)

    async def _is_in_reach(self, info: Info) -> bool:
        """Return whether the viewer may read the portal and the search in the description of the selected users.

        Return True if the description contains neither a portal nor a search.
        """
        viewer = info.context.account
        if viewer.administers_mssp or not names_more(self.row.selection or {}, self.row.selection_search):
            return True
        return viewer.manages_users and bool(await self._portal_ids(info))


def visible_operations(
    info: Info, portal_id: UUID | None, states: Sequence[OperationState] | None, paging: Paging
) -> Connection[BulkOperation]:
    """Return the operations that the viewer can see, newest first.

    `portal_id` limits the list to operations on users of one portal. Without `states`, operations in all states except
    PREVIEW are listed.
    """
    listing, visible = operations.listing_visible_to(info.context.account, portal_id)
    in_state = sql("o.state <> ?", OperationState.PREVIEW) if states is None else is_any_of("o.state", states)
    where = all_of([visible, in_state])
    window = paging.window(listing.order)
    return Connection(
        order=listing.order,
        page=Once(lambda: keyset.page(listing, where, window)),
        total=Once(lambda: keyset.count(listing.source, where)),
        render=BulkOperation.of,
        key=paging.key,
        shown=lambda names: keyset.shown_page(listing, names, where, window),
    )
