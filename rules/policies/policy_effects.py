"""The effects that a change of a portal's policy can have on the portal's users."""

from __future__ import annotations

from enum import StrEnum


class PolicyEffectKind(StrEnum):
    """An effect of a change of policy on users. EFFECT_DESCRIPTIONS says which users each effect counts."""

    SUSPENDED_AS_IDLE = "SUSPENDED_AS_IDLE"
    ERASED = "ERASED"
    OVER_ADMIN_LIMIT = "OVER_ADMIN_LIMIT"
    LOSES_PASSWORD_SIGN_IN = "LOSES_PASSWORD_SIGN_IN"
    MUST_CHANGE_PASSWORD = "MUST_CHANGE_PASSWORD"
    MUST_ENROLL_MFA = "MUST_ENROLL_MFA"
    LOCKED_OUT_AT_NEXT_FAILURE = "LOCKED_OUT_AT_NEXT_FAILURE"
    LOCK_ENDED = "LOCK_ENDED"
    LOCKED_UNTIL_UNLOCKED = "LOCKED_UNTIL_UNLOCKED"
    GAINS_SEAT = "GAINS_SEAT"
    LOSES_SEAT = "LOSES_SEAT"
    OVER_SEATS = "OVER_SEATS"


EFFECT_DESCRIPTIONS = {
    PolicyEffectKind.SUSPENDED_AS_IDLE: "users who are warned at the next run of housekeeping or were warned before, and"
    " are suspended within 7 days if they stay idle",
    PolicyEffectKind.ERASED: "deactivated users whose data is erased at the next run of housekeeping",
    PolicyEffectKind.OVER_ADMIN_LIMIT: "admins beyond the new limit; they stay admins",
    PolicyEffectKind.LOSES_PASSWORD_SIGN_IN: "enabled users with a password that signs in no longer",
    PolicyEffectKind.MUST_CHANGE_PASSWORD: "users whose next sign-in asks for a new password",
    PolicyEffectKind.MUST_ENROLL_MFA: "enabled users without a second factor, who must set one up",
    PolicyEffectKind.LOCKED_OUT_AT_NEXT_FAILURE: "users whose next wrong password locks them out, and would not have before",
    PolicyEffectKind.LOCK_ENDED: "users whose lockout ends at the next run of housekeeping",
    PolicyEffectKind.LOCKED_UNTIL_UNLOCKED: "users whose lockout no longer ends by itself",
    PolicyEffectKind.GAINS_SEAT: "users who take a license seat at once",
    PolicyEffectKind.LOSES_SEAT: "users who give a license seat back at once",
    PolicyEffectKind.OVER_SEATS: "seats that are then used beyond those of the packages; no user loses access",
}
"""A phrase that says what the number of each effect counts: users, or seats."""
