"""Mails with a link or a code: a new link, or an active link that is mailed again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from models.links import changes as link_changes
from models.links import lookup as link_lookup
from models.links import mail_state
from models.links.table import Delivery, LinkRow
from models.mail import outbox
from models.mail.table import MailRow
from models.portals.table import PortalRow
from models.users.table import UserRow
from rules.auth.link_purposes import Purpose
from rules.lifecycle.actions import Action, mail_of
from rules.mail.kinds import PURPOSES, MailKind, link_lifetime
from rules.mail.mail_states import LinkMailState
from services.links import new_link_and_token, token_of
from services.mail import caps as mail_caps
from services.mail.mail_rows import Owner, mail_row
from services.runtime import Runtime


@dataclass(frozen=True, slots=True)
class LinkMailRequest:
    """A request for a mail with a link or a code. A new link expires after `lives`.

    - `actor_id`: the admin who caused the mail. None if no admin caused it.
    - `begun_by`: the account that entered the address, for the first mail that verifies a new address. None for other
      mails. A later mail to the address takes the account from the user's newest verification link.
    """

    to: Owner
    kind: MailKind
    recipient: str
    lives: timedelta
    actor_id: UUID | None = None
    begun_by: UUID | None = None


def link_mail(action: Action, user: UserRow, portal: PortalRow, actor_id: UUID | None = None) -> LinkMailRequest | None:
    """Return the mail with a link that the action sends to the user, or None if there is none."""
    mail = mail_of(action, user)
    if mail is None:
        return None
    kind, address = mail
    return LinkMailRequest(user, kind, address, link_lifetime(kind, portal), actor_id=actor_id)


def verification_mail(user: UserRow, address: str, portal: PortalRow, begun_by: UUID) -> LinkMailRequest:
    """Return the mail that verifies the new address of the user. `begun_by` is the account that entered the address."""
    lives = link_lifetime(MailKind.VERIFY_EMAIL, portal)
    actor_id = None if begun_by == user.id else begun_by
    return LinkMailRequest(user, MailKind.VERIFY_EMAIL, address, lives, actor_id=actor_id, begun_by=begun_by)


def cancellation_mail(user: UserRow, portal: PortalRow) -> list[LinkMailRequest]:
    """Return a list with the mail by which the user can cancel a change of e-mail that the user began.

    The mail goes to the current address. The list is empty if this address is not verified.
    """
    if user.email is None or user.email_verified_at is None:
        return []
    kind = MailKind.OWN_EMAIL_CHANGE_STARTED
    return [LinkMailRequest(user, kind, user.email, link_lifetime(kind, portal))]


async def enqueue_link_mails(runtime: Runtime, mails: Sequence[LinkMailRequest], at: datetime) -> None:
    """Enqueue the mails, each with a new link or code. Requires a transaction.

    The new links supersede earlier links of the same account and purpose.
    """
    for kind, purpose in PURPOSES.items():
        of_kind = [mail for mail in mails if mail.kind is kind]
        if not of_kind:
            continue
        new = await _new_links(runtime, of_kind, purpose, at)
        await link_changes.supersede(purpose, [mail.to.key for mail in of_kind], at)
        await link_changes.store([link._replace(mail_state=LinkMailState.QUEUED) for link in new])
        rows = [
            mail_row(runtime, mail.to, kind, mail.recipient, link.id, at, link_id=link.id, actor_id=mail.actor_id)
            for mail, link in zip(of_kind, new, strict=True)
        ]
        await outbox.enqueue(rows)
        await mail_caps.count_mails(runtime, rows, at)


async def enqueue_active_link(runtime: Runtime, mail: LinkMailRequest, newest: LinkRow | None, at: datetime) -> None:
    """Enqueue the mail with the active link `newest`, or else with a new link. Requires a transaction.

    `newest` is the account's newest link with the mail's purpose, or None. A new link is made if `newest` is not
    active, was mailed to another address, or needs a key that is not configured. An active link keeps its expiry time
    (K17).
    """
    if newest is None or not _can_be_mailed(runtime, newest, mail, at):
        await enqueue_link_mails(runtime, [mail], at)
        return
    row = mail_with_link(runtime, mail.kind, mail.to, mail.recipient, newest, at, actor_id=mail.actor_id)
    await enqueue_with_links(runtime, [row], at)


async def enqueue_with_links(runtime: Runtime, rows: Sequence[MailRow], at: datetime) -> None:
    """Enqueue mails that `mail_with_link` returned. Requires a transaction."""
    await mail_state.note_queued([row.link_id for row in rows if row.link_id])
    await outbox.enqueue(rows)
    await mail_caps.count_mails(runtime, rows, at)


def mail_with_link(
    runtime: Runtime,
    kind: MailKind,
    to: Owner,
    recipient: str,
    link: LinkRow,
    at: datetime,
    *,
    actor_id: UUID | None = None,
) -> MailRow:
    """Return the outbox row of a mail with the existing link `link`. The row is not stored."""
    occasion = f"{link.id}:{runtime.new_id()}"
    return mail_row(runtime, to, kind, recipient, occasion, at, link_id=link.id, actor_id=actor_id)


def _can_be_mailed(runtime: Runtime, link: LinkRow, mail: LinkMailRequest, at: datetime) -> bool:
    return link.lives_at(at) and link.address == mail.recipient and token_of(runtime, link) is not None


async def _new_links(
    runtime: Runtime, mails: Sequence[LinkMailRequest], purpose: Purpose, at: datetime
) -> list[LinkRow]:
    """Return a new link for each mail. The links are not stored."""
    is_invitation = purpose is Purpose.INVITATION
    trusted = await _trusted(mails) if is_invitation else frozenset()
    begun_by = await _begun_by(mails) if purpose is Purpose.VERIFY_EMAIL else {}
    new = []
    for mail in mails:
        link, _ = new_link_and_token(
            runtime,
            purpose,
            mail.to.key,
            at,
            mail.lives,
            address=mail.recipient,
            delivery=Delivery.EMAIL if is_invitation else None,
            is_trusted=mail.to.id in trusted,
        )
        new.append(link._replace(actor_id=begun_by.get(mail.to.id)))
    return new


async def _trusted(mails: Sequence[LinkMailRequest]) -> frozenset[UUID]:
    """Return the ids of the users whose newest invitation is trusted: it needs no registration (E7).

    The next invitation of these users becomes trusted too. An expired invitation counts. A superseded invitation does
    not count, because it was mailed to another address.
    """
    earlier = await link_lookup.newest(Purpose.INVITATION, [mail.to.id for mail in mails if mail.to.portal_id])
    return frozenset(user_id for user_id, link in earlier.items() if link.is_trusted and link.superseded_at is None)


async def _begun_by(mails: Sequence[LinkMailRequest]) -> dict[UUID, UUID | None]:
    """Return the account that began each user's change of e-mail, keyed by user id.

    If a mail has no `begun_by`, the account is taken from the user's newest verification link.
    """
    again = [mail.to.id for mail in mails if mail.begun_by is None]
    earlier = await link_lookup.newest(Purpose.VERIFY_EMAIL, again) if again else {}
    begun_by = {mail.to.id: mail.begun_by for mail in mails}
    return begun_by | {user_id: link.actor_id for user_id, link in earlier.items()}
