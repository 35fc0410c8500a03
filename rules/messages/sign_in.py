"""The messages about signing in: passwords, second factors and sessions."""

from __future__ import annotations

from rules.refusals import Code, Message


class SignInMessage(Message):
    """Why a sign-in, the end of a session, or a change that requires the current password is refused."""

    WRONG_LOGIN = (
        Code.INVALID_CREDENTIALS,
        "Login or password is not right. Check both, and the portal, and try again.",
    )
    WRONG_PASSWORD = (
        Code.INVALID_CREDENTIALS,
        "The current password is not right. Type it again, or ask for a reset.",
    )
    TOO_MANY_PASSWORDS = (
        Code.RATE_LIMITED,
        "Too many wrong passwords were entered. Ask an admin to unlock your account, or set a new password by a reset.",
    )
    SESSION_ENDED = Code.INVALID_TOKEN, "This session has ended, or its token was used before. Sign in again."
    NO_SUCH_SESSION = Code.NOT_FOUND, "You have no such session any more. Refresh the list."
    SESSION_OR_ALL = Code.INVALID_INPUT, "Give sessionId or everywhere, not both."


class SecondFactorMessage(Message):
    """Why a code of a second factor, or a change of a second factor, is refused."""

    ONE_CODE = Code.INVALID_INPUT, "Send exactly one of code and recoveryCode."
    WRONG_CODE = (
        Code.INVALID_CREDENTIALS,
        "This code is not right, or was used before. Wait for the app's next one. After {attempts} wrong ones none is"
        " right for {minutes} minutes, or until the account is unlocked.",
    )
    WRONG_RECOVERY_CODE = (
        Code.INVALID_CREDENTIALS,
        "This code is not right, or was used before. Take another one. After {attempts} wrong ones none is right for"
        " {minutes} minutes, or until the account is unlocked.",
    )
    TOO_MANY_CODES = (
        Code.RATE_LIMITED,
        "Too many wrong codes were entered. No code is right until {retryAt}; then try again.",
    )
    CODE_KEY_UNKNOWN = (
        Code.NOT_ALLOWED,
        "Your second factor cannot be checked: it was set up under a key that the server no longer has. This does not"
        " count as a wrong code. Use a recovery code, or have an admin reset your second factor.",
    )
    RECOVERY_CODE_KEY_UNKNOWN = (
        Code.NOT_ALLOWED,
        "Your recovery codes cannot be checked: they were made under a key that the server no longer has. This does not"
        " count as a wrong code. Use the app's code, or have an admin reset your second factor.",
    )
    NEW_FACTOR_KEY_UNKNOWN = (
        Code.NOT_ALLOWED,
        "Your second factor cannot be checked: it was set up under a key that the server no longer has. This does not"
        " count as a wrong code. Begin again with enrollMfa.",
    )
    SET_UP_ALREADY = Code.NOT_ALLOWED, "Your second factor is set up already. Disable it first: disableMfa."
    NOTHING_TO_CONFIRM = Code.NOT_ALLOWED, "There is no second factor to confirm. Begin with enrollMfa."
    NOTHING_TO_DISABLE = Code.NOT_ALLOWED, "There is no second factor to disable. Nothing to do."
    NO_FACTOR_FOR_CODES = (
        Code.NOT_ALLOWED,
        "Recovery codes belong to a second factor. Set one up first: enrollMfa.",
    )
