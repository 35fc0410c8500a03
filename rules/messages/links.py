"""The messages about mailed links, codes and steps of a sign-in, and about invitations and registrations."""

from __future__ import annotations

from rules.refusals import Code, Message

_LINK = "This link is not good any more: it was used, replaced by a newer one, or its time is over."


class LinkMessage(Message):
    """Why a link, a mailed code, or the token of a sign-in step is not accepted.

    Each kind of link has only one message, which does not reveal what is wrong with the link.
    """

    INVITATION = Code.INVALID_TOKEN, "This link is wrong, was used, or has run out. Ask for a new invitation."
    CODE = Code.INVALID_TOKEN, "This code is wrong or has run out. Check it, or ask for a new one."
    CODE_KEY_UNKNOWN = (
        Code.INVALID_TOKEN,
        "This code cannot be checked: the server's key has changed since. Ask for a new one.",
    )
    VERIFICATION = Code.INVALID_TOKEN, f"{_LINK} Ask an admin of your portal to send a new one."
    CANCELLATION = Code.INVALID_TOKEN, f"{_LINK} Ask an admin of your portal to change the address."
    PASSWORD_RESET = Code.INVALID_TOKEN, f"{_LINK} Ask for a new one."
    STEP = Code.INVALID_TOKEN, "This step was done before, or took too long. Sign in again."


class OnboardingMessage(Message):
    """Why an invitee cannot accept the invitation or register with it."""

    MUST_REGISTER = (
        Code.NOT_ALLOWED,
        "With this invitation you register: confirm an e-mail address first (startRegistration).",
    )
    NOTHING_TO_REGISTER = (
        Code.NOT_ALLOWED,
        "With this invitation there is nothing to register: set a password (acceptInvitation).",
    )
    PORTAL_INACTIVE = (
        Code.NOT_ALLOWED,
        "{portal} is inactive. Ask {support}; the invitation stays good until it ends.",
    )
    TOO_MANY_ADMINS = (
        Code.ADMIN_LIMIT_REACHED,
        "{portal} has as many enabled admins as its policy allows (maxAdmins: {maximum}). Ask who invited you; the"
        " invitation stays good until it ends.",
    )
    ADDRESS_REGISTERED = (
        Code.EMAIL_TAKEN,
        "Another user of {portal} has this address. Sign in with it, or register another.",
    )
    ADDRESS_REGISTERED_BY_NOW = (
        Code.EMAIL_TAKEN,
        "Another user of {portal} has this address. Start again with another address (startRegistration).",
    )
    CODE_MAILED_JUST_NOW = Code.RATE_LIMITED, "A code was mailed a moment ago. Ask for another at {retryAt}."
    TOO_MANY_WRONG_CODES = (
        Code.RATE_LIMITED,
        "Too many wrong codes came with this invitation. Ask who invited you for a new link.",
    )
    TOO_MANY_CODES_MAILED = (
        Code.RATE_LIMITED,
        "Too many codes were mailed for this invitation. Ask who invited you for a new link.",
    )
