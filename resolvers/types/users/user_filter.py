"""The filter of a list of users."""

from __future__ import annotations

from uuid import UUID

import strawberry

from models.users.selection.conditions import UserConditions
from resolvers.core.global_ids import MAX_FILTER_IDS, ids_of
from resolvers.enums.roles import PortalRole
from rules.access import Role
from rules.durations import DateTimeOrDuration
from rules.lifecycle.invitations import InvitationState
from rules.lifecycle.licenses import UserKind
from rules.lifecycle.statuses import Status, StatusReason
from rules.mail.mail_states import LinkMailState
from rules.refusals import Code, Refusal
from rules.text.folding import domain_key


@strawberry.input(
    description="Conditions on users. An empty list matches no user; null is no condition. A user must meet all given"
    " conditions. A field ending in After includes the instant, a field ending in Before does not."
)
class UserFilter:
    portal_id_in: list[strawberry.ID] | None = strawberry.field(
        default=None,
        description=f"The user's portal is one of these, at most {MAX_FILTER_IDS:,}. Ids that name no portal match no"
        " user. If a portal is named outside the filter too, the user must be in it as well.",
    )
    status_in: list[Status] | None = strawberry.field(default=None, description="The user's status is one of these.")
    status_reason_in: list[StatusReason] | None = strawberry.field(
        default=None, description="The reason of the status is one of these. Users without a reason do not match."
    )
    role_in: list[PortalRole] | None = strawberry.field(default=None, description="The user's role is one of these.")
    kind_in: list[UserKind] | None = strawberry.field(default=None, description="The user's kind is one of these.")
    id_in: list[strawberry.ID] | None = strawberry.field(
        default=None,
        description=f"The user is one of these, at most {MAX_FILTER_IDS:,}. Ids that name no user match no user.",
    )
    email_domain_in: list[str] | None = strawberry.field(
        default=None,
        description="The part of the e-mail address behind the @ is one of these, at most"
        f" {MAX_FILTER_IDS:,}, without regard to case. Subdomains do not match. Users without an e-mail address do not"
        " match; a pending address does not count.",
    )
    holds_seat: bool | None = strawberry.field(default=None, description="Whether the user holds a license seat.")
    email_verified: bool | None = strawberry.field(default=None, description="Whether the e-mail address is verified.")
    has_pending_email: bool | None = strawberry.field(
        default=None, description="Whether a changed e-mail address waits to be verified."
    )
    mfa_enrolled: bool | None = strawberry.field(default=None, description="Whether a second factor is set up.")
    never_signed_in: bool | None = strawberry.field(
        default=None, description="True: users that never signed in. False: users that have signed in."
    )
    last_sign_in_after: DateTimeOrDuration | None = strawberry.field(
        default=None, description="The last sign-in was at this instant or later: `P7D` is the last 7 days."
    )
    last_sign_in_before: DateTimeOrDuration | None = strawberry.field(
        default=None, description="The last sign-in was before this instant. Users that never signed in do not match."
    )
    not_signed_in_since: DateTimeOrDuration | None = strawberry.field(
        default=None,
        description="The user never signed in, or the last sign-in was before this instant: `P90D` finds the users that"
        " have not signed in for 90 days.",
    )
    added_after: DateTimeOrDuration | None = strawberry.field(
        default=None, description="The user was added at this instant or later."
    )
    added_before: DateTimeOrDuration | None = strawberry.field(
        default=None, description="The user was added before this instant."
    )
    modified_after: DateTimeOrDuration | None = strawberry.field(
        default=None, description="The last change of the user was at this instant or later."
    )
    modified_before: DateTimeOrDuration | None = strawberry.field(
        default=None, description="The last change of the user was before this instant."
    )
    status_changed_after: DateTimeOrDuration | None = strawberry.field(
        default=None, description="The user entered the status at this instant or later."
    )
    status_changed_before: DateTimeOrDuration | None = strawberry.field(
        default=None, description="The user entered the status before this instant."
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
    group_id_in: list[strawberry.ID] | None = strawberry.field(
        default=None,
        description=f"The user is in one of these groups, at most {MAX_FILTER_IDS:,}. The members of the system group are the"
        " EXTERNAL users of its portal. Ids that name no group match no user.",
    )
    sub_account_id_in: list[strawberry.ID] | None = strawberry.field(
        default=None,
        description=f"The user reaches one of these sub-accounts, at most {MAX_FILTER_IDS:,}: it was granted to the user, or the"
        " user has `allSubAccounts` in its portal. Ids that name no sub-account match no user.",
    )
    app_role_id_in: list[strawberry.ID] | None = strawberry.field(
        default=None,
        description=f"The user holds one of these app roles, at most {MAX_FILTER_IDS:,}. Ids that name no app role match no user.",
    )

    def conditions(self) -> UserConditions:
        """Convert the filter to conditions with row ids.

        Raise Refusal(BAD_USER_INPUT) if a list has more than MAX_FILTER_IDS ids or domains.
        """
        return UserConditions(
            portal_id_in=_row_ids("Portal", self.portal_id_in, "portalIdIn"),
            status_in=None if self.status_in is None else tuple(self.status_in),
            status_reason_in=None if self.status_reason_in is None else tuple(self.status_reason_in),
            role_in=None if self.role_in is None else tuple(Role(str(role.value)) for role in self.role_in),
            kind_in=None if self.kind_in is None else tuple(self.kind_in),
            id_in=_row_ids("PortalUser", self.id_in, "idIn"),
            email_domain_in=None if self.email_domain_in is None else _domains(self.email_domain_in),
            holds_seat=self.holds_seat,
            email_verified=self.email_verified,
            has_pending_email=self.has_pending_email,
            mfa_enrolled=self.mfa_enrolled,
            never_signed_in=self.never_signed_in,
            last_sign_in_after=self.last_sign_in_after,
            last_sign_in_before=self.last_sign_in_before,
            not_signed_in_since=self.not_signed_in_since,
            added_after=self.added_after,
            added_before=self.added_before,
            modified_after=self.modified_after,
            modified_before=self.modified_before,
            status_changed_after=self.status_changed_after,
            status_changed_before=self.status_changed_before,
            invitation_state_in=None if self.invitation_state_in is None else tuple(self.invitation_state_in),
            invitation_mail_state_in=None
            if self.invitation_mail_state_in is None
            else tuple(self.invitation_mail_state_in),
            group_id_in=_row_ids("Group", self.group_id_in, "groupIdIn"),
            sub_account_id_in=_row_ids("SubAccount", self.sub_account_id_in, "subAccountIdIn"),
            app_role_id_in=_row_ids("AppRole", self.app_role_id_in, "appRoleIdIn"),
        )


def _row_ids(type_name: str, ids: list[strawberry.ID] | None, field: str) -> tuple[UUID, ...] | None:
    return None if ids is None else tuple(ids_of(type_name, ids, field))


def _domains(texts: list[str]) -> tuple[str, ...]:
    if len(texts) > MAX_FILTER_IDS:
        raise Refusal(Code.BAD_USER_INPUT, f"emailDomainIn takes at most {MAX_FILTER_IDS:,} domains.")
    return tuple(key for text in texts if (key := domain_key(text)))
