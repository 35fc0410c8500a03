"""The reason why a user was not changed, or why an action is not possible, as a code and a message."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import strawberry

from models.portals.lookup import LicensedPortal
from resolvers.core.context import Info
from resolvers.core.field_costs import cost
from resolvers.core.message_params import MOST_PARAMS, MessageParam, message_params
from resolvers.core.scalars import write_instant
from resolvers.enums.refusal_codes import OutcomeReasonCode
from resolvers.loading.batched import batched
from rules.lifecycle.actions import ACTIONS, Action
from rules.messages import outcomes, registry
from rules.refusals import Code, Refusal


@strawberry.type(
    description="Why a user was not changed or cannot be changed, or why an action in a portal is not possible."
)
class OutcomeReason:
    action: strawberry.Private[Action]
    subject: strawberry.Private[str | None]
    subject_id: strawberry.Private[UUID | None]
    portal_id: strawberry.Private[UUID | None]
    field: strawberry.Private[str | None]
    declared: strawberry.Private[Mapping[str, str] | None]
    code: Code = strawberry.field(
        graphql_type=OutcomeReasonCode, description="The machine-readable code. Translate by it."
    )
    retryable: bool = strawberry.field(
        description="Whether the same call may succeed later, without a change to this user."
    )
    retry_at: datetime | None = strawberry.field(
        description="The earliest time at which the same call may succeed. Null for codes other than COOLDOWN."
    )
    suggested_action: Action | None = strawberry.field(description="The action to try instead. Null if there is none.")

    @classmethod
    def of(
        cls,
        code: Code,
        action: Action,
        portal_id: UUID | None,
        subject: str | None,
        subject_id: UUID | None = None,
        *,
        retry_at: datetime | None = None,
        field: str | None = None,
    ) -> OutcomeReason:
        """Return the reason why a user was not changed.

        `subject` is the user's name for the message. Without it, the fields `message` and `params` read the name of the
        user `subject_id` from the database. `field` is the input field that caused the refusal.
        """
        return cls(
            action=action,
            subject=subject,
            subject_id=subject_id,
            portal_id=portal_id,
            field=field,
            declared=None,
            code=code,
            retryable=code in outcomes.RETRYABLE,
            retry_at=retry_at,
            suggested_action=ACTIONS[action].suggested.get(code),
        )

    @classmethod
    def in_portal(cls, refusal: Refusal, portal_id: UUID) -> OutcomeReason:
        """Return the reason why the portal refuses an action, such as an invitation.

        The message of the reason is the message of `refusal`, if an enum in rules/messages/ declares that message.
        Otherwise it is the message that an invited user gets for the refusal's code.
        """
        reason = cls.of(refusal.code, Action.INVITE, portal_id, None)
        reason.declared = refusal.params or None
        return reason

    @strawberry.field(description="The user, what happened, and what to do next, in English. Use it as a fallback.")
    @batched
    async def message(self, info: Info) -> str:
        if self.declared is not None:
            return registry.message_of(self.code, self.declared)
        return outcomes.message_of(self.code, await self._params(info))

    @strawberry.field(
        description="The values in the message: `MessageParam.name` says what each means. `code` chooses the text;"
        " OutcomeReasonCode has its English form. The names, `seats` and `maximum` are those of now, also in a stored operation. A value that is"
        " not known is left out. Empty for NOT_FOUND and MUST_ENROLL_MFA. A later version may add values. If the first is `problem`, as in"
        " `Portal.availableActions`, the message is the one that `UserErrorCode` has for `code` and `problem`.",
        metadata=cost(entries=MOST_PARAMS),
    )
    @batched
    async def params(self, info: Info) -> list[MessageParam]:
        return message_params(await self._params(info) if self.declared is None else self.declared)

    async def _params(self, info: Info) -> dict[str, str]:
        subject = self.subject
        if subject is None and self.subject_id is not None:
            user = await info.context.loaders.users.load(self.subject_id)
            subject = user.name if user else None
        portal = await info.context.loaders.portals.load(self.portal_id) if self.portal_id else None
        return reason_params(
            self.code,
            self.action,
            portal,
            info.context.now(),
            user=subject,
            field=self.field,
            retry_at=self.retry_at,
        )


def reason_params(
    code: Code,
    action: Action,
    portal: LicensedPortal | None,
    at: datetime,
    *,
    user: str | None,
    field: str | None,
    retry_at: datetime | None,
) -> dict[str, str]:
    """Return the values in a reason's message, by their names. `portal` is the user's portal, read at `at`."""
    return outcomes.params(
        code,
        action,
        user=user,
        portal=portal.row.name if portal else None,
        support=portal.row.support_contact if portal else None,
        seats=portal.seats_total(at) if portal else None,
        field=field,
        retry_at=write_instant(retry_at) if retry_at else None,
        max_admins=portal.row.max_admins if portal else None,
    )
