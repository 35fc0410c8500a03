"""The actions on users."""

from __future__ import annotations

from enum import StrEnum


class Action(StrEnum):
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
