"""Whether somebody who forgot his password may be mailed a link for a new one."""

from __future__ import annotations

from datetime import datetime

from rules.lifecycle.events import Event, happens
from rules.lifecycle.requests import PortalState, UserView
from rules.mail import cooldown
from rules.refusals import Code, Refusal


def may_be_asked(user: UserView, place: PortalState, at: datetime) -> None:
    """Refusal with what stands in the way of a reset that the user, or a stranger, asks for. Nobody is told which."""
    may_be_finished(user, place)
    if user.email is None:
        raise Refusal(Code.NO_EMAIL)
    if user.email_verified_at is None:
        raise Refusal(Code.UNVERIFIED)
    if retry_at := cooldown.retry_at(user.reset_mailed_at, at):
        raise Refusal(Code.COOLDOWN, retry_at=retry_at)


def may_be_finished(user: UserView, place: PortalState) -> None:
    """Refusal where a new password would be of no use: suspended, deactivated and unconfirmed users, and where nobody
    signs in with a password."""
    if not place.is_active:
        raise Refusal(Code.PORTAL_INACTIVE)
    if not place.password_sign_in_enabled:
        raise Refusal(Code.PASSWORD_SIGN_IN_OFF)
    happens(Event.PASSWORD_SET, user, place)
