"""The name of every event in the audit log, each declared once."""

from __future__ import annotations

from enum import StrEnum

from rules.lifecycle.actions import Action
from rules.lifecycle.events import Event

UPDATED = "user.updated"
"""The one event whose changes hold what people typed."""

ADDED = "user.added"

MFA_ENROLLED, MFA_DISABLED = "user.mfa_enrolled", "user.mfa_disabled"
"""What owners do to their own second factor."""

IDLE_WARNED = "user.warned_as_idle"
"""The user will be suspended as idle in a week; written whether or not a mail could be sent."""

EVENTS: dict[Action | Event, str] = {
    Action.INVITE: "user.invited",
    Action.ACTIVATE: "user.activated",
    Action.DEACTIVATE: "user.deactivated",
    Action.LOCK: "user.locked",
    Action.UNLOCK: "user.unlocked",
    Action.DELETE: "user.deleted",
    Action.RESEND_VERIFICATION: "user.verification_resent",
    Action.RESET_PASSWORD: "user.password_reset_requested",
    Action.RESET_MFA: "user.mfa_reset",
    Action.REVOKE_SESSIONS: "user.sessions_revoked",
    Action.UPDATE: UPDATED,
    Event.ACCEPTED: "user.accepted",
    Event.LOCKED_OUT: "user.locked_out",
    Event.LOCKED_FOR_GOOD: "user.locked_out",
    Event.LOCK_ENDED: "user.lock_ended",
    Event.PASSWORD_EXPIRED: "user.password_expired",
    Event.PASSWORD_SET: "user.password_set",
    Event.WENT_IDLE: "user.suspended_as_idle",
    Event.RETENTION_ENDED: "user.erased",
    Event.INVITATION_EXPIRED: "user.seat_released",
}
"""The audit log's name for each action and event."""


class ProviderEvent(StrEnum):
    """What concerns a provider or its staff and no portal's users. Only the provider's admins see it."""

    MSSP_CREATED = "mssp.created"
    PORTAL_CREATED = "portal.created"
    STAFF_CREATED = "staff.created"
    STAFF_MFA_ENROLLED = "staff.mfa_enrolled"
    STAFF_MFA_DISABLED = "staff.mfa_disabled"
    STAFF_MFA_RESET = "staff.mfa_reset"
    STAFF_PASSWORD_SET = "staff.password_set"  # the name of an event
    STAFF_LOCKED_OUT = "staff.locked_out"


OF_STAFF = {MFA_ENROLLED: ProviderEvent.STAFF_MFA_ENROLLED, MFA_DISABLED: ProviderEvent.STAFF_MFA_DISABLED}
"""What is said of staff where a user's event would be said of a user."""

NAMES = tuple(dict.fromkeys((ADDED, *EVENTS.values(), IDLE_WARNED, MFA_ENROLLED, MFA_DISABLED, *ProviderEvent)))
"""Every name, as the schema lists them."""
