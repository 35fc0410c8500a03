"""Portal users."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from models.users.table import UserRow
from resolvers.core.context import Info
from resolvers.core.field_costs import cost
from resolvers.core.global_ids import global_id
from resolvers.enums.roles import PortalRole
from resolvers.types.accounts.account import Account
from resolvers.types.portals.portal import Portal
from resolvers.types.users.available_actions import DECISION_COST, ActionAvailability, available_actions
from resolvers.types.users.invitations import Invitation
from rules.auth.sign_in_blockers import Blocker, blockers
from rules.lifecycle.actions import Action
from rules.lifecycle.licenses import Kind
from rules.lifecycle.statuses import Category, Status, StatusReason


@strawberry.type(description="A user of one portal.")
class PortalUser(Account):
    row: strawberry.Private[UserRow]
    kind: Kind = strawberry.field(description="Whose person this is; decides about seats.")
    username: str = strawberry.field(description="Unique in the portal, without regard to case.")
    first_name: str | None = strawberry.field(description="Null when not given.")
    last_name: str | None = strawberry.field(description="Null when not given.")
    email_verified_at: datetime | None = strawberry.field(description="When `email` was verified. Null: never.")
    pending_email: str | None = strawberry.field(
        description="A changed e-mail address that must be verified (verifyEmail) before the user can sign in again."
        " Null: no change waits."
    )
    status: Status = strawberry.field(description="Where the user stands.")
    status_reason: StatusReason | None = strawberry.field(description="Why. Null for STAGED, PROVISIONED and ACTIVE.")
    status_changed_at: datetime = strawberry.field(description="Since when the user has this status.")
    category: Category = strawberry.field(description="Which of the three lists the user is in.")
    role: PortalRole = strawberry.field(description="What the user may do in the portal.")
    holds_seat: bool = strawberry.field(description="Whether the user takes up a license seat.")
    mfa_enrolled: bool = strawberry.field(description="Whether a second factor is set up and confirmed.")
    last_sign_in_at: datetime | None = strawberry.field(description="Null: never signed in.")
    added_at: datetime = strawberry.field(description="When the user was added.")
    modified_at: datetime = strawberry.field(description="When the user was last changed.")
    version: int = strawberry.field(description="Grows by one with every change; guards edits against each other.")

    @classmethod
    def of(cls, row: UserRow) -> PortalUser:
        return cls(
            id=global_id("PortalUser", row.id),
            account_id=row.id,
            name=row.name,
            email=row.email,
            row=row,
            kind=row.kind,
            username=row.username,
            first_name=row.first_name,
            last_name=row.last_name,
            email_verified_at=row.email_verified_at,
            pending_email=row.pending_email,
            status=row.status,
            status_reason=row.status_reason,
            status_changed_at=row.status_changed_at,
            category=row.category,
            role=PortalRole(row.role.value),
            holds_seat=row.holds_seat,
            mfa_enrolled=row.mfa_enrolled,
            last_sign_in_at=row.last_sign_in_at,
            added_at=row.added_at,
            modified_at=row.modified_at,
            version=row.version,
        )

    @strawberry.field(description="The portal that the user belongs to.")
    async def portal(self, info: Info) -> Portal:
        licensed = await info.context.loaders.portals.load(self.row.portal_id)
        assert licensed is not None  # noqa: S101  # whoever sees a user sees his portal
        return Portal.of(licensed)

    @strawberry.field(description="Every reason why this user cannot sign in now; empty when nothing blocks.")
    async def sign_in_blockers(self, info: Info) -> list[Blocker]:
        licensed = await info.context.loaders.portals.load(self.row.portal_id)
        assert licensed is not None  # noqa: S101  # whoever sees a user sees his portal
        return list(blockers(self.row, licensed.row, info.context.now()))

    @strawberry.field(description="The newest invitation. Null when never invited.")
    async def invitation(self, info: Info) -> Invitation | None:
        row = await info.context.loaders.invitations.load(self.row.id)
        return Invitation.of(row, info.context.now()) if row else None

    @strawberry.field(
        description="What the viewer may do to this user now and, if not, why: one entry for each action asked, in"
        " that order and once, or for every one. The action's mutation answers the same; INVITE is answered for"
        " delivery EMAIL, UPDATE of oneself for first and last name.",
        metadata=cost(entries=len(Action), chosen_by="only", each=DECISION_COST),
    )
    async def available_actions(
        self,
        info: Info,
        only: Annotated[
            list[Action] | None, strawberry.argument(description="Which actions to answer for. Default: every one.")
        ] = None,
    ) -> list[ActionAvailability]:
        return await available_actions(info, self.row, list(Action if only is None else dict.fromkeys(only)))
