"""Choosing a password: checked and hashed before the transaction, then kept in it, and all that the old one opened ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models.auth import attempts, sessions, unscoped
from models.links import changes as link_changes
from models.portals.table import PortalRow
from models.staff import StaffRow
from models.users.table import UserRow
from rules.audit_events import ProviderEvent
from rules.auth.link_purposes import Purpose
from rules.auth.passwords import Chooser, check_length, is_short
from rules.lifecycle.events import Event
from rules.mail.kinds import MailKind
from rules.refusals import Code, Refusal
from services import provider_events
from services.auth.ports import Caller, SignInPorts
from services.lifecycle import events
from services.lifecycle.events import Held
from services.mail import notifications
from services.mail.mail_rows import Addressee
from services.mail.notifications import Notification
from services.runtime import Runtime
from services.users import pending_email

PROVED_BY_THE_OLD = (Purpose.RESET_PASSWORD, Purpose.PASSWORD_CHANGE, Purpose.MFA_CHALLENGE)
"""What dies with a password: links for a new one, and steps of signing in that the old one led to."""


@dataclass(frozen=True, slots=True)
class NewPassword:
    """What is stored of a password. One that is short is good with a second factor only."""

    hash: str
    is_short: bool


def chooser(user: UserRow, portal: PortalRow) -> Chooser:
    """Return the user's rules for a password: it may be shorter if a second factor is set up or required."""
    names = (user.first_name, user.last_name, user.username, user.email, portal.name, portal.slug)
    return Chooser(tuple(name for name in names if name), user.mfa_enrolled or portal.mfa_required, user.id)


def chooser_of_staff(member: StaffRow) -> Chooser:
    """Return a member of staff's rules for a password."""
    return Chooser((member.name, member.email), member.mfa_enrolled, member.id)


async def chosen(
    ports: SignInPorts, caller: Caller, password: str, who: Chooser, path: tuple[str, ...] = ("password",)
) -> NewPassword:
    """Return the password as it is stored.

    Call it where the right to choose (a live link, a proved password) is checked and a try is counted: it costs up to
    50 ms of CPU for the estimate and a hash. Raise Refusal(WEAK_PASSWORD) if it is too short, too long or easy to guess,
    RATE_LIMITED if the queues are full or another password of the account is being checked.
    """
    check_length(password, who, path)
    if await ports.strength.is_guessable(password, who.words, who.account_id):
        raise Refusal(
            Code.WEAK_PASSWORD,
            "This password is easy to guess: it is common, or made of names that others know. Take another one.",
            path=path,
        )
    return NewPassword(await ports.passwords.hash(password, caller.address), is_short(password))


async def keep(
    runtime: Runtime, held: Held, user: UserRow, chosen: NewPassword, *, keep_session: UUID | None = None
) -> None:
    """Write a held user's new password, and end what the old one opened, except the session to keep; notify the user.

    Sessions, links for another password, steps of a sign-in and a change of e-mail that the user began end. Raise
    Refusal(NOT_ALLOWED) if the user's status allows no new password.
    """
    if not await events.happen(runtime, Event.PASSWORD_SET, held, [user], actor_id=user.id, keep_session=keep_session):
        raise Refusal(Code.NOT_ALLOWED, "No password can be set for this account now. Ask an admin of your portal.")
    await unscoped.set_password(user.id, chosen.hash, is_short=chosen.is_short, is_staff=False, at=held.at)
    await link_changes.supersede_every(PROVED_BY_THE_OLD, [user.key], held.at)
    await pending_email.end_own_changes(runtime, [user], held.at, actor_id=user.id)
    about = f"{user.id}:{held.at.isoformat()}"
    await notifications.enqueue_notifications(
        runtime, notifications.notification_for(MailKind.PASSWORD_CHANGED, user, about), held.at
    )


async def keep_of_staff(
    runtime: Runtime, member: StaffRow, chosen: NewPassword, at: datetime, *, keep_session: UUID | None = None
) -> None:
    """Write a new password of a locked member of staff; sessions end but for the one that it `spares`, and a mail tells."""
    await unscoped.set_password(member.id, chosen.hash, is_short=chosen.is_short, is_staff=True, at=at)
    await link_changes.supersede_every(PROVED_BY_THE_OLD, [member.key], at)
    await sessions.end_of_staff([member.id], at, keep_session=keep_session)
    await attempts.clear([member.id])
    await provider_events.record(
        runtime, ProviderEvent.STAFF_PASSWORD_SET, member.mssp_id, at, actor_id=member.id, staff_id=member.id
    )
    about = f"{member.id}:{at.isoformat()}"
    told = Notification(Addressee.of_staff(member), MailKind.PASSWORD_CHANGED, member.email, about)
    await notifications.enqueue_notifications(runtime, [told], at)
