"""The actions on users: one row says everything about an action (docs/requirements.md#actions)."""

from __future__ import annotations

from enum import StrEnum

from rules.audit_events import AuditEventType
from rules.lifecycle.action_spec import ActionSpec, PlannedAction
from rules.lifecycle.statuses import DISABLED, ENABLED, RESUMABLE, UNCONFIRMED, Status, StatusReason
from rules.lifecycle.transitions import Effect, LifecycleState, Transition, follow
from rules.mail import link_recipients
from rules.mail.cooldown import Cooldown
from rules.mail.kinds import MailKind
from rules.mail.link_recipients import HasAddresses
from rules.refusals import Code, Refusal


class Action(StrEnum):
    """An action on a user. GraphQL: UserAction."""

    INVITE = "INVITE"
    ACTIVATE = "ACTIVATE"
    DEACTIVATE = "DEACTIVATE"
    LOCK = "LOCK"
    UNLOCK = "UNLOCK"
    DELETE = "DELETE"
    RESEND_VERIFICATION = "RESEND_VERIFICATION"
    RESET_PASSWORD = "RESET_PASSWORD"  # the name of an action
    RESET_MFA = "RESET_MFA"
    REVOKE_SESSIONS = "REVOKE_SESSIONS"
    UPDATE = "UPDATE"
    CHANGE_ROLE = "CHANGE_ROLE"
    CHANGE_ACCESS = "CHANGE_ACCESS"


ACTIONS: dict[Action, ActionSpec[Action]] = {
    Action.INVITE: ActionSpec(
        mutation="inviteUsers",
        description="Invites users, by mail or by a link to pass on, and adds those who are new; or adds them only. A"
        " user who is invited again gets the living link again, or a new one where there is none. At most one mail a"
        " minute to the same user: COOLDOWN. What is wrong with one invitee is that invitee's own outcome, SKIPPED:"
        " INVALID_EMAIL, or INVALID_INPUT for another field that is too long or holds what cannot be stored, which the"
        " message names.",
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
        description="Gives access again: DEACTIVATED and SUSPENDED users go back to where they were, a seat permitting."
        " Not LOCKED_OUT ones: unlockUsers.",
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
        description="Takes access away and gives the license seat back, at once; sessions end. Undone by activateUsers.",
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
        description="Makes users SUSPENDED until unlockUsers or activateUsers; sessions end, the license seat is kept.",
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
        description="Takes a lock off, an admin's (SUSPENDED) or one for wrong passwords (LOCKED_OUT); a pending reset"
        " stays pending.",
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
        description="Removes users and all of their data for good. Cannot be undone.",
        past_participle="deleted",
        audit_event=AuditEventType.USER_DELETED,
        transitions=dict.fromkeys(Status, Effect.GONE),
        allowed_on_self=False,
        ends_sessions=True,
    ),
    Action.RESEND_VERIFICATION: ActionSpec(
        mutation="resendVerifications",
        description="Mails a new link to verify an e-mail address; the earlier one is dead. PROVISIONED users get the"
        " invitation again, by mail also where its link was passed on; others the link for their pendingEmail, else"
        " ALREADY_VERIFIED. At most one mail a minute: COOLDOWN.",
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
        description="Mails a link (`…/reset-password#token=…`) for setting a new password; until it is set, status is"
        " RECOVERY and sign-in is refused, with the old password too. Sessions end. Asked again for a user in RECOVERY:"
        " a new link, the earlier one is dead.",
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
        description="Takes the second factor away, so that the user sets it up anew. Sessions end, and a mail tells the"
        " owner.",
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
        description="Signs users out everywhere; they may sign in again.",
        past_participle="signed out",
        audit_event=AuditEventType.SESSIONS_REVOKED,
        transitions={
            **dict.fromkeys(Status, Effect.STAY),
            **dict.fromkeys(UNCONFIRMED, Code.NOT_CONFIRMED),
        },
        ends_sessions=True,
        ends_sign_in_steps=True,
    ),
    Action.UPDATE: ActionSpec(
        mutation="updateUser",
        description="Changes one user by hand; only what is given changes. Oneself: first and last name only. A change"
        " of the e-mail ends the user's sessions; a username that was the old address becomes the new one with it,"
        " unless `username` is given. Errors: NOT_FOUND, NOT_ALLOWED, VERSION_CONFLICT, INVALID_INPUT,"
        " REQUIRED_FIELD_MISSING, INVALID_EMAIL, EMAIL_TAKEN, USERNAME_TAKEN, RATE_LIMITED (a changed e-mail again"
        " within a minute; see retryAt).",
        past_participle="changed",
        audit_event=AuditEventType.USER_UPDATED,
        transitions=dict.fromkeys(Status, Effect.STAY),
        allowed_to_owner=True,
    ),
}
"""The actions of this version."""

PLANNED = {
    Action.CHANGE_ROLE: PlannedAction(mutation="changeRoles", past_participle="given another role"),
    Action.CHANGE_ACCESS: PlannedAction(mutation="changeAccess", past_participle="given other access"),
}
"""Actions that the schema names and this version refuses with NOT_SUPPORTED."""


def transition(action: Action, user: LifecycleState) -> Transition:
    """Return where the action leads the user. Raise Refusal with the code of the table, or NOT_SUPPORTED."""
    if action not in ACTIONS:
        raise Refusal(Code.NOT_SUPPORTED)
    spec = ACTIONS[action]
    return follow(spec.transitions, user, spec.status_reason)


def mail_of(action: Action, user: HasAddresses) -> tuple[MailKind, str] | None:
    """Return the kind and address of the mail with a link that the action sends to the user; None if it sends none."""
    spec = ACTIONS.get(action)
    if spec is None or spec.mail is None:
        return None
    kind, address = spec.mail(user)
    return (kind, address) if address else None
