"""Details of blockers: the message, the times of beginning and end, and the action that removes the blocker."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from rules.auth.sign_in_blockers import OF_STATUS, Blocker, HasSignInColumns, HasSignInPolicy, lock_ends_at
from rules.lifecycle.actions import Action
from rules.lifecycle.statuses import Status


class BlockerText(NamedTuple):
    """The English message of a blocker, and the action by which an admin removes the blocker, or None."""

    message: str
    suggested: Action | None = None


BLOCKER_TEXTS: dict[Blocker, BlockerText] = {
    Blocker.NOT_ONBOARDED: BlockerText("The invitation has not been accepted yet.", Action.INVITE),
    Blocker.EMAIL_UNVERIFIED: BlockerText(
        "The changed e-mail address is not verified yet. Open the link in the mail to the new address.",
        Action.RESEND_VERIFICATION,
    ),
    Blocker.RESET_PENDING: BlockerText(
        "An admin has requested a new password. Set it with the link in the mail.", Action.RESET_PASSWORD
    ),
    Blocker.NEW_PASSWORD_REQUIRED: BlockerText("The password has expired. Signing in asks for a new one."),
    Blocker.LOCKED_OUT: BlockerText("Sign-in is locked after too many wrong passwords or codes.", Action.UNLOCK),
    Blocker.SUSPENDED: BlockerText("An admin has locked the account, or it was idle for too long.", Action.UNLOCK),
    Blocker.DEACTIVATED: BlockerText("The account is deactivated.", Action.ACTIVATE),
    Blocker.WAITING_FOR_SEAT: BlockerText(
        "The account waits for a license seat. Once one is available, an admin can activate the account.",
        Action.ACTIVATE,
    ),
    Blocker.PORTAL_INACTIVE: BlockerText("The portal is inactive."),
    Blocker.PORTAL_ACCESS_CLOSED: BlockerText(
        "An admin has closed the account's access to the portal.", Action.CHANGE_ACCESS
    ),
    Blocker.PASSWORD_SIGN_IN_OFF: BlockerText("The portal does not allow signing in with a password."),
}


class BlockerDetails(NamedTuple):
    """A reason why an account cannot sign in (a blocker), with its times.

    - `since`: when the blocker began. None if this is not stored.
    - `until`: when the blocker ends by itself. None if the blocker stays until it is removed.
    """

    code: Blocker
    since: datetime | None = None
    until: datetime | None = None


def details(codes: Iterable[Blocker], user: HasSignInColumns, portal: HasSignInPolicy) -> tuple[BlockerDetails, ...]:
    """Return the details of each blocker of the user. `codes` are the blockers.

    If a blocker follows from the user's status, `since` is the time of the last change of status. Otherwise it is None.
    """
    of_status = {OF_STATUS.get(user.status)}
    if user.status is Status.DEACTIVATED:
        of_status.add(Blocker.WAITING_FOR_SEAT)
    return tuple(
        BlockerDetails(
            code,
            user.status_changed_at if code in of_status else None,
            lock_ends_at(user, portal) if code is Blocker.LOCKED_OUT else None,
        )
        for code in codes
    )
