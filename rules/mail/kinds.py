"""The table of the kinds of mail, which docs/architecture.md#mails shows.

The text of a kind is a template in api/mail/templates/, such as invitation.j2 for INVITATION.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from rules.auth.link_purposes import Purpose
from rules.mail.mail_spec import HasLinkLifetimes, LinkLifetime, MailSpec, StillHolds, Urgency

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)

INVITATION_LIVES_FOR_STAFF = timedelta(days=7)
"""How long an invitation link for staff is active. For users, the portal's `invitation_ttl_hours` applies."""

LIVES_FOR_STAFF = timedelta(hours=24)
"""How long a password reset link for staff is active. For portal users, `password_reset_ttl_hours` applies."""


class MailKind(StrEnum):
    """The kind of a mail. Kinds without a link or code are notifications."""

    INVITATION = "INVITATION"
    VERIFY_EMAIL = "VERIFY_EMAIL"
    PASSWORD_RESET = "PASSWORD_RESET"
    REGISTRATION_CODE = "REGISTRATION_CODE"
    EMAIL_CHANGE_STARTED = "EMAIL_CHANGE_STARTED"
    OWN_EMAIL_CHANGE_STARTED = "OWN_EMAIL_CHANGE_STARTED"
    PASSWORD_CHANGED = "PASSWORD_CHANGED"
    SECOND_FACTOR_CHANGED = "SECOND_FACTOR_CHANGED"
    SESSION_COPIED = "SESSION_COPIED"
    IDLE_WARNING = "IDLE_WARNING"
    LOCKED_OUT = "LOCKED_OUT"


MAIL_KINDS: dict[MailKind, MailSpec] = {
    MailKind.INVITATION: MailSpec(
        sent_when="`inviteUsers` with delivery EMAIL; `resendVerifications` of an unconfirmed user; `requestNewInvitation`"
        " after the link expired; `inviteStaff` and `resendStaffInvitation`",
        sent_to="the invited account's address",
        sent_by=(
            "services/onboarding/invitations.py send",
            "services/lifecycle/effects.py apply_action",
            "services/administration/staff/staff_invitations.py enqueue_invitation",
            "services/onboarding/staff_acceptance.py renew",
        ),
        carries=Purpose.INVITATION,
        page="invitation",
        lifetime=LinkLifetime("invitation_ttl_hours", HOUR, for_staff=INVITATION_LIVES_FOR_STAFF),
        urgency=Urgency.BULK,
        still_holds=(StillHolds.PORTAL_IS_ACTIVE, StillHolds.IS_INVITED, StillHolds.IS_OWN_ADDRESS),
    ),
    MailKind.VERIFY_EMAIL: MailSpec(
        sent_when="`updateUser` or `changeEmail` gives a confirmed user another address; `resendVerifications` of that user",
        sent_to="the new address, which waits for verification",
        sent_by=("services/users/edits.py write", "services/lifecycle/effects.py apply_action"),
        carries=Purpose.VERIFY_EMAIL,
        page="verify-email",
        lifetime=LinkLifetime("invitation_ttl_hours", HOUR),
        still_holds=(StillHolds.PORTAL_IS_ACTIVE, StillHolds.IS_PENDING_ADDRESS),
    ),
    MailKind.PASSWORD_RESET: MailSpec(
        sent_when="`resetPasswords`; `requestPasswordReset`; `resetStaffPassword`",
        sent_to="the account's verified address",
        sent_by=(
            "services/lifecycle/effects.py apply_action",
            "services/passwords/password_reset.py answer_next",
            "services/administration/staff/staff_access.py reset_password",
        ),
        carries=Purpose.RESET_PASSWORD,
        page="reset-password",
        lifetime=LinkLifetime("password_reset_ttl_hours", HOUR, for_staff=LIVES_FOR_STAFF),
        still_holds=(
            StillHolds.PORTAL_IS_ACTIVE,
            StillHolds.IS_OWN_ADDRESS,
            StillHolds.IS_VERIFIED,
            StillHolds.MAY_SET_A_PASSWORD,
        ),
    ),
    MailKind.REGISTRATION_CODE: MailSpec(
        sent_when="`startRegistration`",
        sent_to="the address that the invited person enters",
        sent_by=("services/onboarding/registration.py start",),
        carries=Purpose.REGISTRATION_CODE,
        lifetime=LinkLifetime("verification_code_ttl_minutes", MINUTE),
        still_holds=(StillHolds.PORTAL_IS_ACTIVE, StillHolds.IS_INVITED),
    ),
    MailKind.IDLE_WARNING: MailSpec(
        sent_when="housekeeping finds that the user goes idle in 7 days",
        sent_to="the user's verified address",
        sent_by=("services/housekeeping/tasks.py change_in_portal",),
        urgency=Urgency.BULK,
        still_holds=(
            StillHolds.PORTAL_IS_ACTIVE,
            StillHolds.IS_OWN_ADDRESS,
            StillHolds.IS_VERIFIED,
            StillHolds.WILL_GO_IDLE,
        ),
    ),
    MailKind.EMAIL_CHANGE_STARTED: MailSpec(
        sent_when="`updateUser` gives a confirmed user another address",
        sent_to="the present address, if it is verified",
        sent_by=("services/users/edits.py write",),
    ),
    MailKind.OWN_EMAIL_CHANGE_STARTED: MailSpec(
        sent_when="`changeEmail` gives a user another address",
        sent_to="the present address, if it is verified",
        sent_by=("services/users/edits.py write",),
        carries=Purpose.CANCEL_EMAIL_CHANGE,
        page="cancel-email-change",
        lifetime=LinkLifetime("invitation_ttl_hours", HOUR),
        still_holds=(StillHolds.PORTAL_IS_ACTIVE, StillHolds.IS_OWN_ADDRESS),
    ),
    MailKind.PASSWORD_CHANGED: MailSpec(
        sent_when="a new password of an account is stored: changed, reset, or set while signing in",
        sent_to="the account's verified address",
        sent_by=("services/auth/new_password.py replace_password",),
    ),
    MailKind.SECOND_FACTOR_CHANGED: MailSpec(
        sent_when="`confirmMfa`, `disableMfa`, `regenerateRecoveryCodes`, `resetMfa`, `resetStaffMfa`, or `gatehouse reset-mfa` for staff",
        sent_to="the account's verified address",
        sent_by=(
            "services/auth/mfa.py confirm",
            "services/auth/mfa.py disable",
            "services/auth/mfa.py replace_recovery_codes",
            "services/administration/staff/staff_access.py remove_second_factor",
            "services/lifecycle/effects.py apply_action",
        ),
    ),
    MailKind.SESSION_COPIED: MailSpec(
        sent_when="`refreshSession` with a refresh token that was used before: the session ends",
        sent_to="the account's verified address",
        sent_by=("services/auth/sessions.py refresh",),
    ),
    MailKind.LOCKED_OUT: MailSpec(
        sent_when="failed sign-ins lock the account, the first time since the last success and at most once a day",
        sent_to="the account's verified address",
        sent_by=("services/auth/lockout.py record_failure",),
    ),
}

PURPOSES: dict[MailKind, Purpose] = {kind: spec.carries for kind, spec in MAIL_KINDS.items() if spec.carries}
"""Maps kinds of mail to the purpose of their link or code. Kinds without a link or code are left out."""


def urgency(kind: MailKind) -> Urgency:
    """Return how urgent mails of this kind are."""
    return MAIL_KINDS[kind].urgency


def template(kind: MailKind) -> str:
    """Return the file name of the kind's template, such as "invitation.j2"."""
    return f"{kind.lower()}.j2"


def link_lifetime(kind: MailKind, portal: HasLinkLifetimes) -> timedelta:
    """Return how long the link or code in a mail to a user of `portal` is active.

    `kind` must be a kind of mail with a link or code.
    """
    lifetime = MAIL_KINDS[kind].lifetime
    assert lifetime is not None, "a kind of mail with a link or a code"  # noqa: S101  # for the type checker
    return lifetime.of(portal)
