"""The enum of the reasons why a user cannot sign in."""

from __future__ import annotations

from resolvers.enums.declare import declare
from rules.auth.sign_in_blockers import Blocker

declare(
    Blocker,
    "SignInBlockerCode",
    "Why an account cannot sign in.",
    {
        "NOT_ONBOARDED": "The user is not invited, or has not accepted the invitation. Not in `SignInPayload.blockers`: signIn"
        " answers INVALID_CREDENTIALS.",
        "EMAIL_UNVERIFIED": "An admin changed the e-mail address, and the user must verify it with the mailed link: verifyEmail.",
        "RESET_PENDING": "An admin has requested a password reset. The user must set a new password with the mailed"
        " link: completePasswordReset.",
        "NEW_PASSWORD_REQUIRED": "The password has expired. If this is the only reason, signIn answers with `passwordChange` instead.",
        "LOCKED_OUT": "Too many wrong passwords or codes. Not in `SignInPayload.blockers`: signIn answers INVALID_CREDENTIALS.",
        "SUSPENDED": "Locked by an admin, or for inactivity.",
        "DEACTIVATED": "Deactivated by an admin. A user with `statusReason` WAITING_FOR_SEAT has that blocker instead.",
        "WAITING_FOR_SEAT": "No license seat was available when the user accepted the invitation. It does not end by itself:"
        " an admin must call activateUsers once a seat is available.",
        "PORTAL_INACTIVE": "The portal is inactive.",
        "PORTAL_ACCESS_CLOSED": "An admin has closed the user's access to the portal: `access.portalAccess` is false. The user"
        " is refused until an admin opens it again by changeAccess.",
        "PASSWORD_SIGN_IN_OFF": "The portal's policy does not allow signing in with a password.",
    },
    is_open=True,
)
