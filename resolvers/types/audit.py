"""The audit log, as the schema shows it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

import strawberry

from models import audit, portal_merge
from models.audit import AUDIT, AuditRow
from models.db import keyset
from models.db.keyset import Listing, SortColumn
from models.db.sql import all_of, sql
from resolvers.core.connections import Connection, Paging
from resolvers.core.context import Info
from resolvers.core.global_ids import global_id
from resolvers.core.node import Node
from resolvers.loading.once import Once
from resolvers.types.accounts.account import Account
from resolvers.types.accounts.account_lookup import find_account
from resolvers.types.operations import BulkOperation
from resolvers.types.portals.portal import Portal
from resolvers.types.users.portal_user import PortalUser
from rules.audit_events import NAMES


@strawberry.type(description="One field of what an event is about, before and after.")
class FieldChange:
    field: str = strawberry.field(
        description="The field's name in PortalUser or StaffMember, for instance `status`. `staffMember` and `portal` hold the"
        " global id of what an event of an MSSP is about; only where that is new, `before` is null."
    )
    before: str | None = strawberry.field(
        description="As text: an enum's value, `true`, an instant. Null: empty before."
    )
    after: str | None = strawberry.field(description="As text. Null: empty, or gone, afterwards.")


@strawberry.type(description="One thing that happened in a portal, or to an MSSP's staff. The log is only added to.")
class AuditEvent(Node):
    row: strawberry.Private[AuditRow]
    at: datetime = strawberry.field(description="When it happened.")
    event: str = strawberry.field(
        description=f"What happened, one of: {', '.join(NAMES)}. Open: have a default branch."
        " Those of `mssp`, `portal` and `staff` are for MSSP admins only."
    )
    user_id: strawberry.ID | None = strawberry.field(
        description="The user it happened to; kept when the user is gone. Null when it happened to no user."
    )
    reason: str | None = strawberry.field(description="What the actor gave as `BulkOptions.reason`. Null: nothing.")
    changes: list[FieldChange] = strawberry.field(description="What changed, field by field; empty when no field did.")

    @classmethod
    def of(cls, row: AuditRow) -> AuditEvent:
        return cls(
            id=global_id("AuditEvent", row.id),
            row=row,
            at=row.at,
            event=row.event,
            user_id=global_id("PortalUser", row.user_id) if row.user_id else None,
            reason=row.reason,
            changes=[FieldChange(field=c["field"], before=c["before"], after=c["after"]) for c in row.changes],
        )

    @strawberry.field(
        description="Who did it. Null when the account is gone, is the system, or is none that the viewer may see."
    )
    async def actor(self, info: Info) -> Account | None:
        return await find_account(info, self.row.actor_id)

    @strawberry.field(description='Who did it, by name; "System" or "Deleted account" where there is none.')
    async def actor_name(self, info: Info) -> str:
        if self.row.actor_id is None:
            return "System"
        return await info.context.loaders.account_names.load(self.row.actor_id) or "Deleted account"

    @strawberry.field(
        description="Where it happened. Null when the portal is gone, and for events of an MSSP and its staff."
    )
    async def portal(self, info: Info) -> Portal | None:
        licensed = await info.context.loaders.portals.load(self.row.portal_id) if self.row.portal_id else None
        return Portal.of(licensed) if licensed else None

    @strawberry.field(description="Whom it happened to, as stored now. Null when the user is gone.")
    async def user(self, info: Info) -> PortalUser | None:
        row = await info.context.loaders.users.load(self.row.user_id) if self.row.user_id else None
        return PortalUser.of(row) if row else None

    @strawberry.field(description="The bulk operation that it was part of; null for other events.")
    async def operation(self, info: Info) -> BulkOperation | None:
        row = await info.context.loaders.operations.load(self.row.operation_id) if self.row.operation_id else None
        return BulkOperation.of(row) if row else None


NEWEST_FIRST = (SortColumn("e.id", UUID, descending=True),)
LISTING = Listing(AUDIT, "audit_event e", NEWEST_FIRST)


def events(info: Info, portal_id: UUID | None, user_id: UUID | None, paging: Paging) -> Connection[AuditEvent]:
    """Events that the viewer may see, newest first."""
    actor, window = info.context.account, paging.window(NEWEST_FIRST)
    asked = [sql("e.portal_id = ?", portal_id)] if portal_id else []
    asked += [sql("e.user_id = ?", user_id)] if user_id else []
    where = all_of([audit.visible_to(actor), *asked])
    merged = None if asked else portal_merge.assigned(actor, "e.portal_id")
    listing, among = (replace(LISTING, branches=merged), all_of(asked)) if merged else (LISTING, where)
    return Connection(
        order=NEWEST_FIRST,
        page=Once(lambda: keyset.page(listing, among, window)),
        total=Once(lambda: keyset.count("audit_event e", where)),
        render=AuditEvent.of,
    )
