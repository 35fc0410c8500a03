"""The purposes of links, mailed codes and sign-in tokens."""

from __future__ import annotations

from enum import StrEnum


class Purpose(StrEnum):
    """The one purpose that a link, a mailed code or a sign-in token can be used for."""

    INVITATION = "INVITATION"
    VERIFY_EMAIL = "VERIFY_EMAIL"
    CANCEL_EMAIL_CHANGE = "CANCEL_EMAIL_CHANGE"
    RESET_PASSWORD = "RESET_PASSWORD"
    REGISTRATION_CODE = "REGISTRATION_CODE"
    REGISTRATION = "REGISTRATION"
    MFA_CHALLENGE = "MFA_CHALLENGE"
    PASSWORD_CHANGE = "PASSWORD_CHANGE"


class LinkKind(StrEnum):
    """The kinds of links that `Query.linkPreview` describes. The value of a kind is the purpose of its links."""

    PASSWORD_RESET = Purpose.RESET_PASSWORD
    EMAIL_VERIFICATION = Purpose.VERIFY_EMAIL
