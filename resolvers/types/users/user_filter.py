"""The filter of a list of users."""

from __future__ import annotations

from datetime import datetime

import strawberry

from models.users.selection.conditions import UserConditions
from resolvers.core.global_ids import MAX_FILTER_IDS, ids_of
from resolvers.enums.roles import PortalRole
from rules.access import Role
from rules.lifecycle.invitations import InvitationState
from rules.lifecycle.licenses import UserKind
from rules.lifecycle.statuses import Status, StatusReason
from rules.mail.mail_states import LinkMailState


@strawberry.input(
    description="Conditions on users. A user must meet all of them. Null is no condition; an empty list matches no"
    " user. A field ending in After includes the instant, a field ending in Before does not."
)
class UserFilter:
    portal_id_in: list[strawberry.ID] | None = strawberry.field(
        default=None,
        description=f"The user's portal is one of these, at most {MAX_FILTER_IDS:,}. Ids that name no portal match no"
        " user.",
    )
    status_in: list[Status] | None = strawberry.field(default=None, description="The user's status is one of these.")
    status_reason_in: list[StatusReason] | None = strawberry.field(
        default=None, description="The reason of the status is one of these. Users without a reason do not match."
    )
    role_in: list[PortalRole] | None = strawberry.field(default=None, description="The user's role is one of these.")
    kind: UserKind | None = strawberry.field(default=None, description="The user's kind.")
    holds_seat: bool | None = strawberry.field(default=None, description="Whether the user holds a license seat.")
    email_verified: bool | None = strawberry.field(default=None, description="Whether the e-mail address is verified.")
    mfa_enrolled: bool | None = strawberry.field(default=None, description="Whether a second factor is set up.")
    never_signed_in: bool | None = strawberry.field(
        default=None, description="True: users that never signed in. False: users that have signed in."
    )
    last_sign_in_before: datetime | None = strawberry.field(
        default=None, description="The last sign-in is before this instant. Users that never signed in do not match."
    )
    added_after: datetime | None = strawberry.field(
        default=None, description="The user was added at this instant or later."
    )
    added_before: datetime | None = strawberry.field(
        default=None, description="The user was added before this instant."
    )
    invitation_state_in: list[InvitationState] | None = strawberry.field(
        default=None,
        description="The newest invitation has one of these states. Users that were never invited do not match.",
    )

    invitation_mail_state_in: list[LinkMailState] | None = strawberry.field(
        default=None,
        description="The newest mail of the newest invitation has one of these states. Users that were never mailed an"
        " invitation do not match.",
    )

    def conditions(self) -> UserConditions:
        """Return the conditions with row ids in place of global ids. Raise Refusal(BAD_USER_INPUT) for too many ids."""
        return UserConditions(
            portal_id_in=None
            if self.portal_id_in is None
            else tuple(ids_of("Portal", self.portal_id_in, "portalIdIn")),
            status_in=None if self.status_in is None else tuple(self.status_in),
            status_reason_in=None if self.status_reason_in is None else tuple(self.status_reason_in),
            role_in=None if self.role_in is None else tuple(Role(str(role.value)) for role in self.role_in),
            kind=self.kind,
            holds_seat=self.holds_seat,
            email_verified=self.email_verified,
            mfa_enrolled=self.mfa_enrolled,
            never_signed_in=self.never_signed_in,
            last_sign_in_before=self.last_sign_in_before,
            added_after=self.added_after,
            added_before=self.added_before,
            invitation_state_in=None if self.invitation_state_in is None else tuple(self.invitation_state_in),
            invitation_mail_state_in=None
            if self.invitation_mail_state_in is None
            else tuple(self.invitation_mail_state_in),
        )
