"""The table of actions on users: what each action does, and when it is refused (docs/requirements.md#actions)."""

from __future__ import annotations

from enum import StrEnum

from rules.audit_events import AuditEventType
from rules.csv.reading import MOST_ROWS
from rules.lifecycle.action_spec import ActionSpec
from rules.lifecycle.statuses import DISABLED, ENABLED, RESUMABLE, UNCONFIRMED, Status, StatusReason
from rules.lifecycle.transitions import Effect
from rules.mail import link_recipients
from rules.mail.cooldown import Cooldown
from rules.mail.kinds import MailKind
from rules.mail.link_recipients import HasAddresses
from rules.refusals import Code


class Action(StrEnum):
    """What an admin does to a user. GraphQL: UserAction."""

    INVITE = "INVITE"
    ACTIVATE = "ACTIVATE"
    DEACTIVATE = "DEACTIVATE"
    LOCK = "LOCK"
    UNLOCK = "UNLOCK"
    DELETE = "DELETE"
    RESEND_VERIFICATION = "RESEND_VERIFICATION"
    RESET_PASSWORD = "RESET_PASSWORD"
    RESET_MFA = "RESET_MFA"
    REVOKE_SESSIONS = "REVOKE_SESSIONS"
    UPDATE = "UPDATE"
    CHANGE_ROLE = "CHANGE_ROLE"
    CHANGE_ACCESS = "CHANGE_ACCESS"


ACTIONS: dict[Action, ActionSpec[Action]] = {
    Action.INVITE: ActionSpec(
        mutation="inviteUsers",
        description="Invite users by mail, or by a link that the inviter passes on. Invitees that are not users of the"
        " portal are added. With delivery NONE, invitees are added and not invited. A user who is invited again gets the"
        " valid link again, or a new link if none is valid. At most one mail per minute is sent to a user: COOLDOWN. An"
        " invitee with an invalid field is SKIPPED and does not affect the other invitees: INVALID_EMAIL for the e-mail"
        " address, INVALID_INPUT for another field that is too long or contains characters that cannot be stored;"
        " `message` names the field. `POST /users/import` does the same for the persons of a CSV file, up to"
        f" {MOST_ROWS:,}: the body is the file (`Content-Type: text/csv`), and the options are parameters of the URL with their"
        " names here, such as `?portalSlug=acme&dryRun=true`. It answers JSON with `rows`, which has an outcome for each"
        " row, or `errors` with the line and the column of each fault of the file. docs/frontend.md describes both.",
        past_participle="invited",
        audit_event=AuditEventType.USER_INVITED,
        transitions={
            Status.STAGED: Status.PROVISIONED,
            Status.PROVISIONED: Effect.STAY,
            **dict.fromkeys(ENABLED, Code.ALREADY_MEMBER),
            **dict.fromkeys(DISABLED, Code.INACTIVE),
        },
        needs_active_portal=True,
        mail=link_recipients.invitation,
        cooldown=Cooldown.VERIFICATION,
        retakes_seat=True,
    ),
    Action.ACTIVATE: ActionSpec(
        mutation="activateUsers",
        description="Give DEACTIVATED and SUSPENDED users access again. Each user gets the last enabled status again:"
        " ACTIVE, AWAITING_NEW_PASSWORD or RECOVERY. A user who needs a license seat is SKIPPED if none is available. For"
        " LOCKED_OUT users, use unlockUsers.",
        past_participle="activated",
        audit_event=AuditEventType.USER_ACTIVATED,
        transitions={
            **dict.fromkeys(UNCONFIRMED, Code.NOT_CONFIRMED),
            **dict.fromkeys(RESUMABLE, Code.ALREADY_IN_STATE),
            Status.LOCKED_OUT: Code.LOCKED_OUT,
            **dict.fromkeys(DISABLED, Effect.RESUME),
        },
        suggested={Code.LOCKED_OUT: Action.UNLOCK},
        needs_active_portal=True,
        clears_attempts=True,
    ),
    Action.DEACTIVATE: ActionSpec(
        mutation="deactivateUsers",
        description="Remove the users' access and release their license seats. Sessions end at once. activateUsers reverses it.",
        past_participle="deactivated",
        audit_event=AuditEventType.USER_DEACTIVATED,
        transitions={
            **dict.fromkeys(UNCONFIRMED, Code.NOT_CONFIRMED),
            **dict.fromkeys(ENABLED, Status.DEACTIVATED),
            Status.SUSPENDED: Status.DEACTIVATED,
            Status.DEACTIVATED: Code.ALREADY_IN_STATE,
        },
        status_reason=StatusReason.ADMIN_ACTION,
        allowed_on_self=False,
        ends_sessions=True,
    ),
    Action.LOCK: ActionSpec(
        mutation="lockUsers",
        description="Suspend users until unlockUsers or activateUsers. Sessions end at once. The license seat is kept.",
        past_participle="locked",
        audit_event=AuditEventType.USER_LOCKED,
        transitions={
            **dict.fromkeys(UNCONFIRMED, Code.NOT_CONFIRMED),
            **dict.fromkeys(ENABLED, Status.SUSPENDED),
            Status.SUSPENDED: Code.ALREADY_IN_STATE,
            Status.DEACTIVATED: Code.INACTIVE,
        },
        status_reason=StatusReason.ADMIN_ACTION,
        allowed_on_self=False,
        ends_sessions=True,
    ),
    Action.UNLOCK: ActionSpec(
        mutation="unlockUsers",
        description="Unlock users: SUSPENDED (by an admin or for inactivity) and LOCKED_OUT (after wrong passwords or"
        " codes). A pending password reset stays pending.",
        past_participle="unlocked",
        audit_event=AuditEventType.USER_UNLOCKED,
        transitions={
            **dict.fromkeys(UNCONFIRMED, Code.NOT_LOCKED),
            **dict.fromkeys(RESUMABLE, Code.NOT_LOCKED),
            Status.LOCKED_OUT: Effect.RESUME,
            Status.SUSPENDED: Effect.RESUME,
            Status.DEACTIVATED: Code.INACTIVE,
        },
        needs_active_portal=True,
        clears_attempts=True,
    ),
    Action.DELETE: ActionSpec(
        mutation="deleteUsers",
        description="Delete users and all of their data permanently. This cannot be undone.",
        past_participle="deleted",
        audit_event=AuditEventType.USER_DELETED,
        transitions=dict.fromkeys(Status, Effect.GONE),
        allowed_on_self=False,
        ends_sessions=True,
    ),
    Action.RESEND_VERIFICATION: ActionSpec(
        mutation="resendVerifications",
        description="Mail a new link to verify an e-mail address; the earlier link is no longer valid. PROVISIONED users get"
        " the invitation by mail, even if its link was passed on before. To mail the same link again while it is valid, call"
        " inviteUsers. Enabled users get the link for their `pendingEmail`: ALREADY_VERIFIED if there is none. At most one mail"
        " per minute is sent to a user: COOLDOWN.",
        past_participle="sent a new verification mail",
        audit_event=AuditEventType.VERIFICATION_RESENT,
        transitions={
            Status.STAGED: Code.NOT_INVITED,
            Status.PROVISIONED: Effect.STAY,
            **dict.fromkeys(ENABLED, Effect.IF_PENDING),
            **dict.fromkeys(DISABLED, Code.INACTIVE),
        },
        suggested={Code.NOT_INVITED: Action.INVITE},
        needs_active_portal=True,
        mail=link_recipients.verification,
        cooldown=Cooldown.VERIFICATION,
        retakes_seat=True,
    ),
    Action.RESET_PASSWORD: ActionSpec(
        mutation="resetPasswords",
        description="Mail a link (`…/reset-password#token=…`) to set a new password. Until the new password is set, the"
        " status is RECOVERY and the user cannot sign in, not even with the old password. Sessions end at once. For a"
        " user who is in RECOVERY already, a new link is mailed and the earlier link is no longer valid.",
        past_participle="sent a password reset",
        audit_event=AuditEventType.PASSWORD_RESET_REQUESTED,
        transitions={
            **dict.fromkeys(UNCONFIRMED, Code.UNVERIFIED),
            Status.ACTIVE: Status.RECOVERY,
            Status.AWAITING_NEW_PASSWORD: Status.RECOVERY,
            Status.RECOVERY: Effect.STAY,
            Status.LOCKED_OUT: Code.LOCKED_OUT,
            **dict.fromkeys(DISABLED, Code.INACTIVE),
        },
        status_reason=StatusReason.RESET_REQUESTED_BY_ADMIN,
        suggested={Code.LOCKED_OUT: Action.UNLOCK},
        allowed_on_self=False,
        needs_active_portal=True,
        mail=link_recipients.password_reset,
        cooldown=Cooldown.RESET,
        replaces_password=True,
        ends_sessions=True,
    ),
    Action.RESET_MFA: ActionSpec(
        mutation="resetMfa",
        description="Remove the users' second factor, so that they can set up a new one. Sessions end at once. A notice"
        " is mailed to the user.",
        past_participle="freed of MFA",
        audit_event=AuditEventType.MFA_RESET,
        transitions={
            **dict.fromkeys(UNCONFIRMED, Code.UNVERIFIED),
            **dict.fromkeys(ENABLED, Effect.IF_ENROLLED),
            Status.SUSPENDED: Effect.IF_ENROLLED,
            Status.DEACTIVATED: Code.INACTIVE,
        },
        allowed_on_self=False,
        ends_sessions=True,
        ends_sign_in_steps=True,
        removes_second_factor=True,
    ),
    Action.REVOKE_SESSIONS: ActionSpec(
        mutation="revokeSessions",
        description="End all sessions of the users; on the viewer's own account, this session too. The users may sign in again.",
        past_participle="signed out",
        audit_event=AuditEventType.SESSIONS_REVOKED,
        transitions={**dict.fromkeys(Status, Effect.STAY), **dict.fromkeys(UNCONFIRMED, Code.NOT_CONFIRMED)},
        ends_sessions=True,
        ends_sign_in_steps=True,
    ),
    Action.UPDATE: ActionSpec(
        mutation="updateUser",
        description="Change the given fields of one user. A field that equals the stored value is no change: a form may send all of"
        " its fields. Every user may change the first and the last name of the own account, also with the role PORTAL_USER; a"
        " change of another field of the own account is NOT_ALLOWED. Other users can be changed by viewers who manage them, and"
        " are NOT_FOUND for all others. If the username is the e-mail address, a new address replaces it too when it becomes"
        " `email`, unless the call changes `username`. Errors: NOT_FOUND, NOT_ALLOWED, VERSION_CONFLICT (path `version`), INVALID_INPUT, REQUIRED_FIELD_MISSING, INVALID_EMAIL, EMAIL_TAKEN,"
        " USERNAME_TAKEN, RATE_LIMITED (a link was mailed to the user less than a minute ago, or the new address was"
        " sent too many mails; see `retryAt`).",
        past_participle="changed",
        audit_event=AuditEventType.USER_UPDATED,
        transitions=dict.fromkeys(Status, Effect.STAY),
        allowed_to_owner=True,
    ),
    Action.CHANGE_ROLE: ActionSpec(
        mutation="changeRoles",
        description="Give users the role of an admin, or take it away, in every status. An open invitation stays valid. Sessions"
        " end at once, the viewer's own too. One admin more than `PortalPolicy.maxAdmins` is SKIPPED: ADMIN_LIMIT_REACHED. Portal"
        " admins cannot take the role from the last enabled admin: LAST_ADMIN.",
        past_participle="given the role",
        audit_event=AuditEventType.ROLE_CHANGED,
        transitions=dict.fromkeys(Status, Effect.STAY),
        changes_role=True,
        ends_sessions=True,
    ),
    Action.CHANGE_ACCESS: ActionSpec(
        mutation="changeAccess",
        description="Change what users may reach, in every status: see UserAccessInput. Where `portalAccess` becomes false, sessions"
        " end at once. SKIPPED: a module with `adminOnly` for a user who is no admin (ADMIN_ONLY_MODULE), an INTERNAL user who is added to an app"
        " role in production (INTERNAL_USER_NOT_ALLOWED), an entry of another portal than the user's (NOT_IN_PORTAL).",
        past_participle="given the access",
        audit_event=AuditEventType.ACCESS_CHANGED,
        transitions=dict.fromkeys(Status, Effect.STAY),
        changes_access=True,
    ),
}
"""The declarations of all actions, by action."""


def mail_of(action: Action, user: HasAddresses) -> tuple[MailKind, str] | None:
    """Return the kind and the address of the mail with a link that the action sends to the user.

    Return None if the action sends no such mail, or if the user has no address for it.
    """
    mail = ACTIONS[action].mail
    kind, address = mail(user) if mail else (None, None)
    return (kind, address) if kind and address else None
