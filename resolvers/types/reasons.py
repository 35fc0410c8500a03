"""Why not: a code for machines, a sentence for people."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import strawberry

from resolvers.core.context import Info
from resolvers.enums.codes import OutcomeReasonCode
from rules import messages
from rules.lifecycle.actions import ACTIONS, Action
from rules.refusals import Code


@strawberry.type(description="Why a user was not changed, or may not be.")
class OutcomeReason:
    action: strawberry.Private[Action]
    subject: strawberry.Private[str | None]
    subject_id: strawberry.Private[UUID | None]
    portal_id: strawberry.Private[UUID | None]
    field: strawberry.Private[str | None]
    code: Code = strawberry.field(graphql_type=OutcomeReasonCode, description="For machines. Translate by it.")
    retryable: bool = strawberry.field(
        description="Whether the same call may succeed later, without a change to this user."
    )
    retry_at: datetime | None = strawberry.field(
        description="When the same call may succeed: of COOLDOWN only, else null."
    )
    suggested_action: Action | None = strawberry.field(description="What to try instead; null when nothing is known.")

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
        """The name of the `subject`, where it is not at hand, is looked up when the message is asked for."""
        return cls(
            action=action,
            subject=subject,
            subject_id=subject_id,
            portal_id=portal_id,
            field=field,
            code=code,
            retryable=code in messages.RETRYABLE,
            retry_at=retry_at,
            suggested_action=ACTIONS[action].suggested.get(code) if action in ACTIONS else None,
        )

    @strawberry.field(description="English: what happened, to which user, what to do. A fallback: translate by code.")
    async def message(self, info: Info) -> str:
        subject = self.subject
        if subject is None and self.subject_id is not None:
            user = await info.context.loaders.users.load(self.subject_id)
            subject = user.name if user else "A user who is gone"
        portal = await info.context.loaders.portals.load(self.portal_id) if self.portal_id else None
        return messages.explain(
            self.code,
            self.action,
            user=subject,
            portal=portal.row.name if portal else None,
            support=portal.row.support_contact if portal else None,
            field=self.field,
        )
