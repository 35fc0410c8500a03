"""The messages of rate limits and of full queues."""

from __future__ import annotations

from rules.refusals import Code, Message


class RateLimitMessage(Message):
    """Why a call is refused until a later time."""

    SIGN_INS = Code.RATE_LIMITED, "Too many sign-ins from your network. Try again at {retryAt}."
    RESETS = Code.RATE_LIMITED, "Too many password resets from your network. Try again at {retryAt}."
    LINKS = Code.RATE_LIMITED, "Too many tries with links from your network. Try again at {retryAt}."
    SERVICES = (
        Code.RATE_LIMITED,
        "Too many calls with wrong credentials of a service from your network. Try again at {retryAt}.",
    )
    CHANGES = Code.RATE_LIMITED, "Too many changes of your account. Try again at {retryAt}."
    HASHER_BUSY = Code.RATE_LIMITED, "Too many sign-ins at the moment. Try again at {retryAt}."
    STRENGTH_BUSY = Code.RATE_LIMITED, "Too many passwords are being checked at the moment. Try again at {retryAt}."


class RequestMessage(Message):
    """Why a request is refused as a whole, by a top-level error instead of a payload."""

    LARGE_REQUESTS = (
        Code.RATE_LIMITED,
        "You have {requests} large requests under way. Wait for their answers before you send more.",
    )
