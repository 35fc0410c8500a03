"""The names of the events in the audit log."""

from __future__ import annotations

from enum import StrEnum


class AuditEventType(StrEnum):
    """An event of a portal's user, in the order in which the schema lists them."""

    USER_ADDED = "user.added"
    USER_INVITED = "user.invited"
    USER_ACTIVATED = "user.activated"
    USER_DEACTIVATED = "user.deactivated"
    USER_LOCKED = "user.locked"
    USER_UNLOCKED = "user.unlocked"
    USER_DELETED = "user.deleted"
    VERIFICATION_RESENT = "user.verification_resent"
    PASSWORD_RESET_REQUESTED = "user.password_reset_requested"  # the name of an event
    MFA_RESET = "user.mfa_reset"
    SESSIONS_REVOKED = "user.sessions_revoked"
    USER_UPDATED = "user.updated"
    """The one event whose changes hold text that people typed."""
    USER_ACCEPTED = "user.accepted"
    USER_LOCKED_OUT = "user.locked_out"
    LOCK_ENDED = "user.lock_ended"
    PASSWORD_EXPIRED = "user.password_expired"  # likewise
    PASSWORD_SET = "user.password_set"  # likewise
    SUSPENDED_AS_IDLE = "user.suspended_as_idle"
    USER_ERASED = "user.erased"
    SEAT_RELEASED = "user.seat_released"
    WARNED_AS_IDLE = "user.warned_as_idle"
    """The user will be suspended as idle in a week; recorded even if no mail could be sent."""
    MFA_ENROLLED = "user.mfa_enrolled"
    MFA_DISABLED = "user.mfa_disabled"


class ProviderEvent(StrEnum):
    """An event of a provider or its staff. Only the provider's admins see it."""

    MSSP_CREATED = "mssp.created"
    PORTAL_CREATED = "portal.created"
    STAFF_CREATED = "staff.created"
    STAFF_MFA_ENROLLED = "staff.mfa_enrolled"
    STAFF_MFA_DISABLED = "staff.mfa_disabled"
    STAFF_MFA_RESET = "staff.mfa_reset"
    STAFF_PASSWORD_SET = "staff.password_set"  # the name of an event
    STAFF_LOCKED_OUT = "staff.locked_out"


OF_STAFF = {
    AuditEventType.MFA_ENROLLED: ProviderEvent.STAFF_MFA_ENROLLED,
    AuditEventType.MFA_DISABLED: ProviderEvent.STAFF_MFA_DISABLED,
}
"""The event of a member of staff that corresponds to a user's event."""

NAMES = (*AuditEventType, *ProviderEvent)
"""Every name, as the schema lists them."""
