"""The outcome of a bulk action for each user, and the numbers of outcomes."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import strawberry

from models.operations import OutcomeRow
from resolvers.core.context import Info
from resolvers.core.global_ids import global_id
from resolvers.enums.refusal_codes import OutcomeReasonCode
from resolvers.loading.batched import batched
from resolvers.types.reasons import OutcomeReason
from resolvers.types.users.invitations import Invitation
from resolvers.types.users.portal_user import PortalUser
from resolvers.types.users.user_names import name_of_user
from rules.lifecycle.actions import Action
from rules.lifecycle.statuses import Status
from rules.outcomes import OutcomeStatus, Summary
from rules.refusals import Code


@strawberry.type(description="A reason, and the number of users that were not changed for this reason.")
class ReasonCount:
    code: Code = strawberry.field(graphql_type=OutcomeReasonCode, description="The reason.")
    count: int = strawberry.field(description="Number of users with this reason.")


@strawberry.type(description="The numbers of outcomes. `requested` is the sum of `succeeded`, `skipped` and `failed`.")
class OutcomeSummary:
    requested: int = strawberry.field(description="Number of selected users. A duplicate counts again.")
    succeeded: int = strawberry.field(description="Number of outcomes with status SUCCEEDED.")
    skipped: int = strawberry.field(description="Number of outcomes with status SKIPPED.")
    failed: int = strawberry.field(description="Number of outcomes with status FAILED.")
    by_reason: list[ReasonCount] = strawberry.field(
        description="The reasons, the most frequent first. Empty if all succeeded."
    )

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


@strawberry.type(description="The outcome of a bulk action for one selected user.")
class UserOutcome:
    subject_id: strawberry.Private[UUID | None]
    live_label: strawberry.Private[str | None]
    action: strawberry.Private[Action]
    index: int = strawberry.field(
        description="The user's position in the selection, from 0. With the operation's id, it identifies the outcome."
    )
    user_id: strawberry.ID | None = strawberry.field(
        description="The id that was sent, unchanged. If no id was sent: the user's global id. Null for an invitee that is"
        " not a user, because the invitee was not added or in a dry run. In a stored operation, null too if the sent text"
        " cannot be an id."
    )
    status: OutcomeStatus = strawberry.field(description="The result.")
    reason: OutcomeReason | None = strawberry.field(
        description="Why the user was not changed. Null if `status` is SUCCEEDED."
    )
    previous_status: Status | None = strawberry.field(
        description="The user's status before the action. Null if the user is not found or new. For a duplicate: the"
        " status after its first occurrence was processed."
    )
    new_status: Status | None = strawberry.field(
        description="The user's status after the action; in a dry run, the status that a real run would give. Equal to"
        " `previousStatus` if `status` is SKIPPED or FAILED. Null if the user is not found or deleted. The category follows from"
        " it; see UserCategory."
    )

    invite_link: str | None = strawberry.field(
        default=None,
        description="The full URL of the invitation, for the inviter to pass on. Only the answer of inviteUsers with delivery LINK"
        " has it: it is null in dry runs, replayed results and stored operations. To get the valid link again, call inviteUsers"
        " with `target.users`, the user's `userId` and delivery LINK, without the earlier `idempotencyKey`.",
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
        """Return the outcome as the schema shows it.

        `sent` is the id that the caller sent, or None. `label` is the user's name. Without it, the field `label` reads
        the user's current name from the database.
        """
        return cls(
            subject_id=outcome.user_id,
            live_label=label,
            action=action,
            index=outcome.position,
            user_id=strawberry.ID(sent) if sent is not None else _id_of(outcome.user_id),
            status=outcome.status,
            reason=_reason(outcome, action, label),
            previous_status=outcome.previous_status,
            new_status=outcome.new_status,
            invite_link=invite_link,
        )

    @strawberry.field(
        description="The user's name; for an invitee, the name or address that was sent. Null if the user is not found. In"
        " stored operations: the user's present name, and null once the user is deleted and the portal's"
        " `policy.deletedNameRetentionDays` are over."
    )
    @batched
    async def label(self, info: Info) -> str | None:
        if self.live_label is not None:
            return self.live_label
        return await name_of_user(info, self.subject_id)

    @strawberry.field(
        description="The user as stored now: after the change, or unchanged in a dry run. Null if the user is deleted or not"
        " visible to the viewer. After deleteUsers, remove the object with the id `userId` from the client's cache."
    )
    @batched
    async def user(self, info: Info) -> PortalUser | None:
        return await self._user(info)

    @strawberry.field(
        description="The user's invitation as stored now: its `nextStep` is what the invitee will have to do. In a dry run,"
        " the earlier invitation. Null for other mutations than inviteUsers, if the user was never invited, and if the user"
        " is deleted or not visible to the viewer."
    )
    @batched
    async def invitation(self, info: Info) -> Invitation | None:
        if self.subject_id is None or self.action is not Action.INVITE:
            return None
        row = await info.context.loaders.invitations.load(self.subject_id)
        return Invitation.of(row, info.context.now()) if row else None

    @strawberry.field(
        description="Time at which an invitation or verification mail to the user last failed, as stored now: it is not frozen in"
        " stored operations. While a new mail is QUEUED, the failure of an earlier one still shows, until a mail is sent. Null if"
        " none failed, if a mail was sent since, and if the user is deleted or not visible to the viewer. Use it after"
        " resendVerifications and inviteUsers."
    )
    @batched
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
