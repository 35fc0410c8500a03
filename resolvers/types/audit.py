"""The events of the audit log, and lists of events."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry

from models import audit
from models.audit import AUDIT, AuditConditions, AuditRow
from models.db.dialect import unindexed
from models.db.keyset import pages as keyset
from models.db.keyset.listings import Listing
from models.db.keyset.spans import SortColumn
from models.db.sql import Sql, all_of, sql
from models.portals import lookup as portals
from models.portals.reach import portal_branches
from resolvers.core.context import Info
from resolvers.core.node import Node
from resolvers.core.row_fields import from_columns, other_id, shown, shows
from resolvers.enums.audit_events import AuditEventType
from resolvers.loading.once import Once
from resolvers.paging.arguments import Paging
from resolvers.paging.connection import Connection
from resolvers.types.accounts.account import Account
from resolvers.types.accounts.account_lookup import ACTOR_NAME, DELETED_ACCOUNT, find_account
from resolvers.types.audit_filter import AuditFilter
from resolvers.types.operations import BulkOperation
from resolvers.types.portals.portal import Portal
from resolvers.types.users.portal_user import PortalUser
from resolvers.types.users.user_names import name_of_user

SYSTEM = "System"
"""The `actor_name` of an event that no account caused."""


@strawberry.type(description="A changed field.")
class FieldChange:
    field: str = strawberry.field(
        description="The name of the field in the type that the event concerns, for instance `status`: PortalUser for USER events,"
        " UserAccess for USER_ACCESS_CHANGED,"
        " PortalPolicy for POLICY events, SaveGrantableInput for GRANTABLE events, LicensePackage for LICENSE_PACKAGE events, StaffMember for STAFF events, Assignment for STAFF_ASSIGNED. Events"
        " without `AuditEvent.portal` begin with the objects that they concern, as global ids: `staffMember`, `portal` and"
        " `licensePackage`. `before` of such an id is null if the event created the object, `after` if it deleted the object."
        " `session` is the global id of a session that began or ended, and `failedSignIns` a number: see SIGN_IN events. The names in a USERS_EXPORTED event are described there."
    )
    before: str | None = strawberry.field(
        description="The value before, as text: an enum value, `true`, a number, an instant as DateTime writes it. Of a list, its items,"
        " separated by a comma and a space: `FIRST_NAME, EMAIL`, tags, global ids of portals. Null: empty."
    )
    after: str | None = strawberry.field(description="The value after, as text like `before`. Null: empty or deleted.")


def _changes(stored: Sequence[dict[str, Any]]) -> list[FieldChange]:
    return [FieldChange(field=c["field"], before=c["before"], after=c["after"]) for c in stored]


def _is_system(actor_id: UUID | None) -> bool:
    return actor_id is None


@shows(
    AuditRow,
    user_id=other_id("PortalUser", "user_id"),
    changes=from_columns(_changes, "changes"),
    is_system=from_columns(_is_system, "actor_id"),
)
@strawberry.type(description="An event in a portal, or of an MSSP's staff. Events are never changed.")
class AuditEvent(Node):
    row: strawberry.Private[AuditRow]
    at: datetime = strawberry.field(description="Time of the event.")
    event: str = strawberry.field(graphql_type=AuditEventType, description="What happened.")
    user_id: strawberry.ID | None = strawberry.field(
        description="The user that the event concerns; kept after the user is deleted. Null if it concerns no user."
    )
    reason: str | None = strawberry.field(
        description="The `BulkOptions.reason` that the actor gave. Null if none was given."
    )
    ticket: str | None = strawberry.field(
        description="The `BulkOptions.ticket` that the actor gave. Null if none was given."
    )
    changes: list[FieldChange] = strawberry.field(description="The changed fields. Empty if no field changed.")
    is_system: bool = strawberry.field(description="Whether the system caused the event, and no account.")

    @classmethod
    def of(cls, row: AuditRow) -> AuditEvent:
        return shown(cls, row, row=row)

    @strawberry.field(
        description="The account that caused the event. Null if it is deleted, not visible to the viewer, or the"
        " system."
    )
    async def actor(self, info: Info) -> Account | None:
        return await find_account(info, self.row.actor_id)

    @strawberry.field(
        description=f'The name of the account that caused the event, {ACTOR_NAME}, and "{SYSTEM}" if `isSystem` is true.'
    )
    async def actor_name(self, info: Info) -> str:
        if self.row.actor_id is None:
            return SYSTEM
        return await info.context.loaders.account_names.load(self.row.actor_id) or DELETED_ACCOUNT

    @strawberry.field(
        description="The portal in whose log the event is. Null for events that only MSSP admins see (see AuditEventType): PORTAL_CREATED"
        " and LICENSE_PACKAGE events name their portal in `changes`."
    )
    async def portal(self, info: Info) -> Portal | None:
        licensed = await info.context.loaders.portals.load(self.row.portal_id) if self.row.portal_id else None
        return Portal.of(licensed) if licensed else None

    @strawberry.field(description="The user, as stored now. Null if the user is deleted.")
    async def user(self, info: Info) -> PortalUser | None:
        row = await info.context.loaders.users.load(self.row.user_id) if self.row.user_id else None
        return PortalUser.of(row) if row else None

    @strawberry.field(
        description="The user's present name. Null if the event concerns no user, and once the user is deleted and the"
        " portal's `policy.deletedNameRetentionDays` are over."
    )
    async def user_name(self, info: Info) -> str | None:
        return await name_of_user(info, self.row.user_id)

    @strawberry.field(description="The bulk operation that the event is part of. Null for other events.")
    async def operation(self, info: Info) -> BulkOperation | None:
        row = await info.context.loaders.operations.load(self.row.operation_id) if self.row.operation_id else None
        return BulkOperation.of(row) if row else None


NEWEST_FIRST = (SortColumn("e.id", UUID, descending=True),)
LISTING = Listing(AUDIT, "audit_event e", NEWEST_FIRST)


AuditFilterArgument = Annotated[
    AuditFilter | None, strawberry.argument(description="Conditions that the events meet. Default: none.")
]


def conditions_of(info: Info, filter: AuditFilter | None) -> AuditConditions:
    """Convert the filter to conditions. Raise Refusal(BAD_USER_INPUT) if the search is too long."""
    return filter.conditions(info.context.now()) if filter else AuditConditions()


def audit_events(
    info: Info, portal_id: UUID | None, user_id: UUID | None, conditions: AuditConditions, paging: Paging
) -> Connection[AuditEvent]:
    """Return the audit events that meet the conditions and that the viewer can see, newest first.

    `portal_id` limits the list to events of one portal, and `user_id` to events about one user.
    """
    actor, window = info.context.account, paging.window(NEWEST_FIRST)
    seen = [audit.visible_to(actor)]
    if portal_id:
        # A condition on the provider as well would let PostgreSQL combine two indexes and sort the portal's whole log.
        seen = [portals.managed_portal_exists(actor, portal_id), sql("e.portal_id = ?", portal_id)]
    if user_id:
        seen = [*map(unindexed, seen), sql("e.user_id = ?", user_id)]
    branches = None if portal_id or user_id else portal_branches(actor, "e.portal_id")
    where = all_of([*seen, *conditions.sql()])
    listing, among = (LISTING._replace(branches=branches), all_of(conditions.sql())) if branches else (LISTING, where)
    return Connection(
        order=NEWEST_FIRST,
        page=Once(lambda: keyset.page(listing, among, window)),
        total=Once(lambda: keyset.count("audit_event e", where)),
        render=AuditEvent.of,
        key=paging.key,
        shown=lambda names: keyset.shown_page(listing, names, among, window),
    )


def user_events(info: Info, user_id: UUID, conditions: AuditConditions, paging: Paging) -> Connection[AuditEvent]:
    """Return the audit events about one user, newest first.

    If a query reads the events of several users, one SQL statement reads the events of all these users.
    """
    actor, window, loaders = info.context.account, paging.window(NEWEST_FIRST), info.context.loaders

    def where(owner: UUID) -> Sql:
        return all_of([unindexed(audit.visible_to(actor)), sql("e.user_id = ?", owner), *conditions.sql()])

    what = ("events", conditions)
    return Connection(
        order=NEWEST_FIRST,
        page=Once(lambda: loaders.pages_by_owner(what, LISTING, where, window).load(user_id)),
        total=Once(lambda: loaders.counts_by_owner(what, "audit_event e", where).load(user_id)),
        render=AuditEvent.of,
        key=paging.key,
    )
