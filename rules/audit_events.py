"""The types of events in the audit log."""

from __future__ import annotations

from enum import StrEnum


class AuditEventType(StrEnum):
    """The type of an audit event about a portal user. The value is stored. The schema lists the types in this order."""

    USER_ADDED = "user.added"
    USER_INVITED = "user.invited"
    USER_ACTIVATED = "user.activated"
    USER_DEACTIVATED = "user.deactivated"
    USER_LOCKED = "user.locked"
    USER_UNLOCKED = "user.unlocked"
    USER_DELETED = "user.deleted"
    VERIFICATION_RESENT = "user.verification_resent"
    PASSWORD_RESET_REQUESTED = "user.password_reset_requested"
    MFA_RESET = "user.mfa_reset"
    SESSIONS_REVOKED = "user.sessions_revoked"
    ROLE_CHANGED = "user.role_changed"
    ACCESS_CHANGED = "user.access_changed"
    USER_UPDATED = "user.updated"
    USER_ACCEPTED = "user.accepted"
    USER_LOCKED_OUT = "user.locked_out"
    LOCK_ENDED = "user.lock_ended"
    PASSWORD_EXPIRED = "user.password_expired"
    PASSWORD_SET = "user.password_set"
    SUSPENDED_AS_IDLE = "user.suspended_as_idle"
    USER_ERASED = "user.erased"
    SEAT_RELEASED = "user.seat_released"
    WARNED_AS_IDLE = "user.warned_as_idle"
    """The user will be suspended as idle in a week or later. Recorded even if no warning could be mailed."""
    MFA_ENROLLED = "user.mfa_enrolled"
    MFA_DISABLED = "user.mfa_disabled"
    RECOVERY_CODES_REPLACED = "user.recovery_codes_replaced"
    SIGNED_IN = "user.signed_in"
    SIGN_IN_FAILED = "user.sign_in_failed"
    SIGNED_OUT = "user.signed_out"
    EMAIL_VERIFIED = "user.email_verified"


class PortalEvent(StrEnum):
    """The type of an audit event about a portal. Every account that manages the portal's users sees these events."""

    POLICY_CHANGED = "policy.changed"
    USERS_EXPORTED = "users.exported"
    """Users were exported as a CSV file. The event has no portal if users of several portals could be exported."""
    GRANTABLE_ADDED = "grantable.added"
    GRANTABLE_CHANGED = "grantable.changed"
    GRANTABLE_DELETED = "grantable.deleted"


class ProviderEvent(StrEnum):
    """The type of an audit event about an MSSP, its portals or its staff. Only the MSSP's admins see these events."""

    MSSP_CREATED = "mssp.created"
    PORTAL_CREATED = "portal.created"
    PORTAL_UPDATED = "portal.updated"
    PORTAL_DELETED = "portal.deleted"
    LICENSE_PACKAGE_CREATED = "license_package.created"
    LICENSE_PACKAGE_UPDATED = "license_package.updated"
    STAFF_CREATED = "staff.created"
    STAFF_INVITED = "staff.invited"
    STAFF_ACCEPTED = "staff.accepted"
    STAFF_UPDATED = "staff.updated"
    STAFF_DELETED = "staff.deleted"
    STAFF_SESSIONS_REVOKED = "staff.sessions_revoked"
    STAFF_PASSWORD_RESET_REQUESTED = "staff.password_reset_requested"
    MSSP_POLICY_CHANGED = "mssp.policy_changed"
    STAFF_ASSIGNED = "staff.assigned"
    STAFF_MFA_ENROLLED = "staff.mfa_enrolled"
    STAFF_MFA_DISABLED = "staff.mfa_disabled"
    STAFF_MFA_RESET = "staff.mfa_reset"
    STAFF_RECOVERY_CODES_REPLACED = "staff.recovery_codes_replaced"
    STAFF_PASSWORD_SET = "staff.password_set"
    STAFF_LOCKED_OUT = "staff.locked_out"
    STAFF_SIGNED_IN = "staff.signed_in"
    STAFF_SIGN_IN_FAILED = "staff.sign_in_failed"
    STAFF_SIGNED_OUT = "staff.signed_out"


OF_STAFF = {
    AuditEventType.MFA_ENROLLED: ProviderEvent.STAFF_MFA_ENROLLED,
    AuditEventType.MFA_DISABLED: ProviderEvent.STAFF_MFA_DISABLED,
    AuditEventType.RECOVERY_CODES_REPLACED: ProviderEvent.STAFF_RECOVERY_CODES_REPLACED,
    AuditEventType.SIGNED_IN: ProviderEvent.STAFF_SIGNED_IN,
    AuditEventType.SIGN_IN_FAILED: ProviderEvent.STAFF_SIGN_IN_FAILED,
    AuditEventType.SIGNED_OUT: ProviderEvent.STAFF_SIGNED_OUT,
}
"""Maps event types of portal users to the types that are stored instead if the account is a staff member."""

ERASED_CHANGES = frozenset({AuditEventType.USER_UPDATED, AuditEventType.ACCESS_CHANGED})
"""The types of events whose `changes` contain personal data: names, addresses, or names of entries of a catalogue.

These changes are deleted with the user. Never change whether a released type is in this set: the hashes of stored
events depend on it.
"""

ALL_TYPES = (*AuditEventType, *PortalEvent, *ProviderEvent)
"""All types of audit events, in the order of the schema's enum."""


def schema_name(event: AuditEventType | PortalEvent | ProviderEvent) -> str:
    """Return the event type's name in the schema, such as USER_LOCKED for "user.locked"."""
    return event.value.upper().replace(".", "_")
