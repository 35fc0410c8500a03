"""The messages about new passwords."""

from __future__ import annotations

from rules.refusals import Code, Message, WeakPasswordReason


class WeakPasswordMessage(Message):
    """Why a new password is refused with WEAK_PASSWORD. `weakPasswordReasons` has the reason as an enum value."""

    TOO_SHORT = WeakPasswordReason.TOO_SHORT, "A password has at least {minimum} characters. Take a longer one."
    TOO_LONG = WeakPasswordReason.TOO_LONG, "A password has at most {maximum} characters. Take a shorter one."
    COMMON = (
        WeakPasswordReason.COMMON,
        "This password is easy to guess: it is common, or follows a pattern. Take another one.",
    )
    CONTAINS_PERSONAL_DATA = (
        WeakPasswordReason.CONTAINS_PERSONAL_DATA,
        "This password is easy to guess: it is made of names that others know. Take another one.",
    )
    SAME_AS_BEFORE = (
        WeakPasswordReason.SAME_AS_BEFORE,
        "That is the password that you have. Take another one.",
    )
    TOO_SHORT_ALONE = (
        WeakPasswordReason.TOO_SHORT,
        "Without a second factor your password is too short. Change it first, to one of {minimum} characters or more.",
    )

    def __init__(self, reason: WeakPasswordReason, text: str) -> None:
        super().__init__(Code.WEAK_PASSWORD, text)
        self.reason = reason


class PasswordMessage(Message):
    """Why no password can be set at present."""

    PASSWORD_SIGN_IN_OFF = Code.NOT_ALLOWED, "Users of your portal do not sign in with passwords of their own."
