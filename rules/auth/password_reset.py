"""Check whether a link to reset the password can be mailed to a user, and whether the user can use it."""

from __future__ import annotations

from datetime import datetime

from rules.lifecycle.decision_types import HasDecisionColumns, PortalState
from rules.lifecycle.events import Event, decide_event
from rules.mail import cooldown
from rules.refusals import Code, Refusal


def check_may_be_mailed(user: HasDecisionColumns, portal: PortalState, at: datetime) -> None:
    """Raise Refusal if no link to reset the password may be mailed to the user. The code says why:

    - A code of `check_may_be_used`: the user could not use the link.
    - NO_EMAIL: the user has no address.
    - UNVERIFIED: the address is not verified.
    - COOLDOWN: a reset link was mailed to the user less than a minute before `at`.

    Do not return the code to the client, who is not signed in: it would reveal that the account exists.
    """
    check_may_be_used(user, portal)
    if user.email is None:
        raise Refusal(Code.NO_EMAIL)
    if user.email_verified_at is None:
        raise Refusal(Code.UNVERIFIED)
    if retry_at := cooldown.retry_at(user.reset_mailed_at, at):
        raise Refusal(Code.COOLDOWN, retry_at=retry_at)


def check_may_be_used(user: HasDecisionColumns, portal: PortalState) -> None:
    """Raise Refusal if the user cannot set a new password by a reset link. The code says why:

    - PORTAL_INACTIVE: the portal is inactive.
    - PASSWORD_SIGN_IN_OFF: the portal does not allow passwords.
    - INACTIVE: the user is suspended or deactivated.
    - UNVERIFIED: the user is unconfirmed.
    """
    if not portal.is_active:
        raise Refusal(Code.PORTAL_INACTIVE)
    if not portal.password_sign_in_enabled:
        raise Refusal(Code.PASSWORD_SIGN_IN_OFF)
    decide_event(Event.PASSWORD_SET, user, portal)
