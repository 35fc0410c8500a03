"""What a link, a code or a step of signing in is good for."""

from __future__ import annotations

from enum import StrEnum


class Purpose(StrEnum):
    """What a link, code or step is good for, and nothing else."""

    INVITATION = "INVITATION"
    VERIFY_EMAIL = "VERIFY_EMAIL"
    RESET_PASSWORD = "RESET_PASSWORD"  # a purpose
    REGISTRATION_CODE = "REGISTRATION_CODE"
    REGISTRATION = "REGISTRATION"
    MFA_CHALLENGE = "MFA_CHALLENGE"
    PASSWORD_CHANGE = "PASSWORD_CHANGE"  # a purpose
