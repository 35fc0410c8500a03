"""One answer per user, as the schema shows it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import strawberry

from models.operations import OutcomeRow
from resolvers.core.context import Info
from resolvers.core.global_ids import global_id
from resolvers.enums.codes import OutcomeReasonCode
from resolvers.types.reasons import OutcomeReason
from resolvers.types.users.portal_user import PortalUser
from rules.lifecycle.actions import Action
from rules.lifecycle.statuses import Status
from rules.outcomes import OutcomeStatus, Summary
from rules.refusals import Code


@strawberry.type(description="How often a reason was given.")
class ReasonCount:
    code: Code = strawberry.field(graphql_type=OutcomeReasonCode, description="The reason.")
    count: int = strawberry.field(description="How many users were given it.")


@strawberry.type(description="The outcomes, counted: requested = succeeded + skipped + failed.")
class OutcomeSummary:
    requested: int = strawberry.field(description="Users selected; one named twice counts twice.")
    succeeded: int = strawberry.field(description="Users changed.")
    skipped: int = strawberry.field(description="Users not changed because a rule says no.")
    failed: int = strawberry.field(description="Users not changed for a fault of ours.")
    by_reason: list[ReasonCount] = strawberry.field(description="Most frequent first; empty when all succeeded.")

    @classmethod
    def of(cls, summary: Summary) -> OutcomeSummary:
        return cls(
            requested=summary.requested,
            succeeded=summary.succeeded,
            skipped=summary.skipped,
            failed=summary.failed,
            by_reason=[ReasonCount(code=code, count=count) for code, count in summary.by_reason],
        )


NOTHING = Summary(0, 0, 0, 0, ())


@strawberry.type(description="What became of one selected user.")
class UserOutcome:
    subject_id: strawberry.Private[UUID | None]
    live_label: strawberry.Private[str | None]
    index: int = strawberry.field(description="Place in the selection, from 0.")
    user_id: strawberry.ID | None = strawberry.field(
        description="The id as it was sent or, where none was, the user's; of an invitee null when there is none (not"
        " added, or a dry run). Null in a stored operation when what was sent could not have been an id."
    )
    status: OutcomeStatus = strawberry.field(description="How it ended.")
    reason: OutcomeReason | None = strawberry.field(description="Null exactly when status is SUCCEEDED.")
    previous_status: Status | None = strawberry.field(
        description="Before the action; null when not found, and for a user who is new. Of a duplicate: after its"
        " first mention."
    )
    new_status: Status | None = strawberry.field(
        description="After the action: the previous one when skipped; null when not found or deleted."
    )

    invite_link: str | None = strawberry.field(
        default=None,
        description="Only of inviteUsers with delivery LINK: the full URL to pass on, shown this once. Null in dry"
        " runs, replays and stored operations: only its hash is kept.",
    )

    @classmethod
    def of(
        cls,
        outcome: OutcomeRow,
        action: Action,
        *,
        sent: str | None,
        label: str | None = None,
        invite_link: str | None = None,
    ) -> UserOutcome:
        """Return the outcome as shown. `sent` is the id as the caller sent it. Without `label`, names are read."""
        return cls(
            subject_id=outcome.user_id,
            live_label=label,
            index=outcome.position,
            user_id=strawberry.ID(sent) if sent is not None else _id_of(outcome.user_id),
            status=outcome.status,
            reason=_reason(outcome, action, label),
            previous_status=outcome.previous_status,
            new_status=outcome.new_status,
            invite_link=invite_link,
        )

    @strawberry.field(
        description="The user's name, or what was typed for an invitee. Null for an id that is not found, and in"
        " stored operations once the user is gone."
    )
    async def label(self, info: Info) -> str | None:
        if self.live_label is not None:
            return self.live_label
        user = await self._user(info)
        return user.name if user else None

    @strawberry.field(
        description="The user as stored now, so after the change; unchanged in a dry run. Null when deleted, or not"
        " visible to the viewer."
    )
    async def user(self, info: Info) -> PortalUser | None:
        return await self._user(info)

    @strawberry.field(
        description="Of resendVerifications and inviteUsers: when the last invitation or verification mail to this user"
        " failed. Null: none did, one was sent since, or the user is gone."
    )
    async def last_mail_failed_at(self, info: Info) -> datetime | None:
        return await info.context.loaders.failed_mails.load(self.subject_id) if self.subject_id else None

    async def _user(self, info: Info) -> PortalUser | None:
        if self.subject_id is None:
            return None
        row = await info.context.loaders.users.load(self.subject_id)
        return PortalUser.of(row) if row else None


def _id_of(user_id: UUID | None) -> strawberry.ID | None:
    return global_id("PortalUser", user_id) if user_id else None


def _reason(outcome: OutcomeRow, action: Action, label: str | None) -> OutcomeReason | None:
    if outcome.reason is None:
        return None
    return OutcomeReason.of(
        outcome.reason,
        action,
        outcome.portal_id,
        label,
        outcome.user_id,
        retry_at=outcome.retry_at,
        field=outcome.field,
    )
