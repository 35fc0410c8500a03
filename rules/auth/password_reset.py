"""Whether a link for a new password may be mailed, and used."""

from __future__ import annotations

from datetime import datetime

from rules.lifecycle.events import Event, decide_event
from rules.lifecycle.requests import PortalState, UserView
from rules.mail import cooldown
from rules.refusals import Code, Refusal


def may_be_asked(user: UserView, portal: PortalState, at: datetime) -> None:
    """Raise Refusal if a reset that the user or a stranger asks for is not mailed. The caller must not learn the code."""
    may_be_finished(user, portal)
    if user.email is None:
        raise Refusal(Code.NO_EMAIL)
    if user.email_verified_at is None:
        raise Refusal(Code.UNVERIFIED)
    if retry_at := cooldown.retry_at(user.reset_mailed_at, at):
        raise Refusal(Code.COOLDOWN, retry_at=retry_at)


def may_be_finished(user: UserView, portal: PortalState) -> None:
    """Raise Refusal if a new password would be useless: for suspended, deactivated and unconfirmed users, and if the portal
    is inactive or its users do not sign in with passwords."""
    if not portal.is_active:
        raise Refusal(Code.PORTAL_INACTIVE)
    if not portal.password_sign_in_enabled:
        raise Refusal(Code.PASSWORD_SIGN_IN_OFF)
    decide_event(Event.PASSWORD_SET, user, portal)
