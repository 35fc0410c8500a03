"""The filter of a list of users."""

from __future__ import annotations

from datetime import datetime

import strawberry

from models.users.listing import UserFilter as Filter
from resolvers.core.global_ids import ids_of
from resolvers.enums.roles import PortalRole
from rules.access import Role
from rules.lifecycle.invitations import InvitationState
from rules.lifecycle.licenses import Kind
from rules.lifecycle.statuses import Status, StatusReason
from rules.mail.delivery import LinkMailState


@strawberry.input(
    description="Which users. All given conditions hold together; null is no condition, an empty list matches nobody."
    " An …After includes the instant, a …Before does not."
)
class UserFilter:
    portal_id_in: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Of these portals; at most 1,000 ids. Ids that name nothing match nobody."
    )
    status_in: list[Status] | None = strawberry.field(default=None, description="With one of these statuses.")
    status_reason_in: list[StatusReason] | None = strawberry.field(
        default=None, description="With one of these reasons; users without a reason do not match."
    )
    role_in: list[PortalRole] | None = strawberry.field(default=None, description="With one of these roles.")
    kind: Kind | None = strawberry.field(default=None, description="External or internal ones.")
    holds_seat: bool | None = strawberry.field(default=None, description="Whether they take up a license seat.")
    email_verified: bool | None = strawberry.field(default=None, description="Whether the e-mail address is verified.")
    mfa_enrolled: bool | None = strawberry.field(default=None, description="Whether a second factor is set up.")
    never_signed_in: bool | None = strawberry.field(
        default=None, description="True: those who never signed in. False: those who did."
    )
    last_sign_in_before: datetime | None = strawberry.field(
        default=None, description="Last signed in before this instant; without those who never signed in."
    )
    added_after: datetime | None = strawberry.field(default=None, description="Added at this instant or later.")
    added_before: datetime | None = strawberry.field(default=None, description="Added before this instant.")
    invitation_state_in: list[InvitationState] | None = strawberry.field(
        default=None,
        description="Whose newest invitation has one of these states; users who were never invited do not match.",
    )

    invitation_mail_state_in: list[LinkMailState] | None = strawberry.field(
        default=None,
        description="Whose newest invitation's newest mail has one of these states; users who were never mailed an"
        " invitation do not match.",
    )

    def conditions(self) -> Filter:
        """The same with rows' ids."""
        return Filter(
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
