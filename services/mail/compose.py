"""Mails: a new link or code where the mail carries one, the earlier ones dead, and the mail queued; all in the
caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from models.links import changes as link_changes
from models.links import lookup as link_lookup
from models.links.table import Delivery, LinkRow
from models.mail import link_mails, outbox
from models.mail.table import MailRow, MailState
from models.portals.table import PortalRow
from models.staff import StaffRow
from models.users.table import UserRow
from rules.accounts import AccountKey, AccountKind
from rules.auth.link_purposes import Purpose
from rules.durations import bounded
from rules.lifecycle.actions import Action, mail_of
from rules.mail.delivery import LinkMailState
from rules.mail.kinds import MAIL_KINDS, PURPOSES, MailKind
from services.links import new_link, token_of
from services.mail import caps as mail_caps
from services.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whose mail and link it is: a portal's user, or a member of staff, who has no portal."""

    id: UUID
    portal_id: UUID | None

    @property
    def key(self) -> AccountKey:
        return AccountKey(AccountKind.PORTAL_USER if self.portal_id else AccountKind.STAFF_MEMBER, self.id)

    @classmethod
    def of(cls, user: UserRow) -> Addressee:
        return cls(user.id, user.portal_id)

    @classmethod
    def of_staff(cls, member: StaffRow) -> Addressee:
        return cls(member.id, None)


@dataclass(frozen=True, slots=True)
class LinkMail:
    """One mail that carries a link or a code."""

    to: Addressee
    kind: MailKind
    recipient: str
    lives: timedelta
    is_trusted: bool = False
    """Of an invitation: the link sets a password without registering (E7)."""
    actor_id: UUID | None = None
    """The admin who causes the mail; None: the recipient or a stranger."""
    begun_by: UUID | None = None
    """The account that begins the change of e-mail that the link finishes; None if the change waits already."""


@dataclass(frozen=True, slots=True)
class Notification:
    """One mail that carries nothing: it tells. `about` names the occasion: for each there is one such mail."""

    to: Addressee
    kind: MailKind
    recipient: str
    about: str
    deadline: datetime | None = None
    actor_id: UUID | None = None
    """The admin who caused what the mail tells of; None: the recipient, a stranger or the system."""


def link_mail(action: Action, user: UserRow, portal: PortalRow, actor_id: UUID | None = None) -> LinkMail | None:
    """Return the mail that an action sends to a user who was added before, or None if it sends none."""
    mail = mail_of(action, user)
    if mail is None:
        return None
    kind, address = mail
    return LinkMail(Addressee.of(user), kind, address, _lifetime(kind, portal), actor_id=actor_id)


def verification_mail(user: UserRow, address: str, portal: PortalRow, begun_by: UUID) -> LinkMail:
    """Return the mail that verifies an address which `begun_by` gives the user; its link lives as long as an invitation's."""
    lives = _lifetime(MailKind.VERIFY_EMAIL, portal)
    actor_id = None if begun_by == user.id else begun_by
    return LinkMail(Addressee.of(user), MailKind.VERIFY_EMAIL, address, lives, actor_id=actor_id, begun_by=begun_by)


def notification_for(
    kind: MailKind, user: UserRow, about: str, deadline: datetime | None = None, *, actor_id: UUID | None = None
) -> list[Notification]:
    """Return the notice for the user's verified address; none where there is no such address."""
    if user.email is None or user.email_verified_at is None:
        return []
    return [Notification(Addressee.of(user), kind, user.email, about, deadline, actor_id)]


async def enqueue_link_mails(runtime: Runtime, letters: Sequence[LinkMail], at: datetime) -> None:
    """Queues the mails, each with a link or code of its own; the accounts' earlier ones of the same kind are dead."""
    for kind, purpose in PURPOSES.items():
        of_kind = [each for each in letters if each.kind is kind]
        if not of_kind:
            continue
        trusted = await _trusted(of_kind) if purpose is Purpose.INVITATION else frozenset()
        begun_by = await _begun_by(of_kind) if purpose is Purpose.VERIFY_EMAIL else {}
        new = [
            _link(runtime, each, purpose, at, is_trusted=each.to.id in trusted)._replace(
                actor_id=begun_by.get(each.to.id)
            )
            for each in of_kind
        ]
        await link_changes.supersede(purpose, [each.to.key for each in of_kind], at)
        await link_changes.store([link._replace(mail_state=LinkMailState.QUEUED) for link in new])
        rows = [
            _mail(
                *(runtime, each.to, kind, each.recipient, f"{kind}:{link.id}", at),
                link_id=link.id,
                actor_id=each.actor_id,
            )
            for each, link in zip(of_kind, new, strict=True)
        ]
        await outbox.enqueue(rows)
        await mail_caps.record(runtime, rows, at)


async def enqueue_active_link(runtime: Runtime, letter: LinkMail, newest: LinkRow | None, at: datetime) -> None:
    """Queue the mail with the account's `newest` link for that purpose while it is active, else with a new one.

    An active link keeps its end (K17), so that asking again ends and prolongs nothing. One of another address, or made
    with a secret key that this server does not know, cannot be mailed again.
    """
    if (
        newest is None
        or not newest.lives_at(at)
        or newest.address != letter.recipient
        or token_of(runtime, newest) is None
    ):
        await enqueue_link_mails(runtime, [letter], at)
        return
    row = with_link(runtime, letter.kind, letter.to, letter.recipient, newest, at, actor_id=letter.actor_id)
    await enqueue_with_links(runtime, [row], at)


async def enqueue_with_links(runtime: Runtime, rows: Sequence[MailRow], at: datetime) -> None:
    """Queue mails made by `with_link`."""
    await link_mails.note_queued([row.link_id for row in rows if row.link_id])
    await outbox.enqueue(rows)
    await mail_caps.record(runtime, rows, at)


async def enqueue_notifications(runtime: Runtime, notices: Sequence[Notification], at: datetime) -> None:
    """Queue notices; one of which there is a mail already is left out."""
    await outbox.enqueue(
        [
            _mail(
                *(runtime, each.to, each.kind, each.recipient, f"{each.kind}:{each.about}", at),
                deadline=each.deadline,
                actor_id=each.actor_id,
            )
            for each in notices
        ]
    )


def with_link(
    runtime: Runtime,
    kind: MailKind,
    to: Addressee,
    recipient: str,
    link: LinkRow,
    at: datetime,
    *,
    actor_id: UUID | None = None,
) -> MailRow:
    """Return a mail, not queued yet, with a link that may have been mailed before."""
    mail = _mail(runtime, to, kind, recipient, "", at, link_id=link.id, actor_id=actor_id)
    return mail._replace(dedupe_key=f"{kind}:{link.id}:{mail.id}")


def _lifetime(kind: MailKind, portal: PortalRow) -> timedelta:
    """Return how long the link of a mail from that portal is active."""
    hours = MAIL_KINDS[kind].link_hours
    assert hours is not None, "a link whose lifetime the portal sets"  # noqa: S101  # for the type checker
    return bounded(hours(portal), timedelta(hours=1))


async def _trusted(letters: Sequence[LinkMail]) -> frozenset[UUID]:
    """Whose invitation is trusted (E7), also where it has run out: sending it again takes that from nobody. One that was
    revoked spoke of another address."""
    earlier = await link_lookup.newest(Purpose.INVITATION, [each.to.id for each in letters if each.to.portal_id])
    return frozenset({id for id, link in earlier.items() if link.is_trusted and link.superseded_at is None})


async def _begun_by(letters: Sequence[LinkMail]) -> dict[UUID, UUID | None]:
    """Return who began each user's change of e-mail: a link that is sent again takes that from the one before."""
    again = [each.to.id for each in letters if each.begun_by is None]
    earlier = await link_lookup.newest(Purpose.VERIFY_EMAIL, again) if again else {}
    return {each.to.id: each.begun_by for each in letters} | {id: link.actor_id for id, link in earlier.items()}


def _link(runtime: Runtime, letter: LinkMail, purpose: Purpose, at: datetime, *, is_trusted: bool) -> LinkRow:
    delivery = Delivery.EMAIL if purpose is Purpose.INVITATION else None
    row, _ = new_link(
        runtime,
        purpose,
        letter.to.key,
        at,
        letter.lives,
        address=letter.recipient,
        delivery=delivery,
        is_trusted=letter.is_trusted or is_trusted,
    )
    return row


def _mail(
    runtime: Runtime,
    to: Addressee,
    kind: MailKind,
    recipient: str,
    dedupe_key: str,
    at: datetime,
    *,
    link_id: UUID | None = None,
    deadline: datetime | None = None,
    actor_id: UUID | None = None,
) -> MailRow:
    return MailRow(
        id=runtime.new_id(),
        portal_id=to.portal_id,
        user_id=to.id if to.portal_id else None,
        staff_id=None if to.portal_id else to.id,
        link_id=link_id,
        kind=kind,
        recipient=recipient,
        dedupe_key=dedupe_key,
        state=MailState.QUEUED,
        created_at=at,
        due_at=at,
        attempts=0,
        lease=None,
        finished_at=None,
        problem=None,
        deadline=deadline,
        actor_id=actor_id,
    )
