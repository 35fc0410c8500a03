"""Mails that carry a link: a new link, the earlier ones dead, and the mail queued, all in the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from models import links, outbox
from models.links import LinkRow, Purpose
from models.outbox import MailKind, MailRow, MailState
from models.portals import PortalRow
from models.users import UserRow
from rules.lifecycle import UNCONFIRMED, Action
from services.work import Work


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail to one user."""

    user: UserRow
    kind: MailKind
    recipient: str
    lives: timedelta


PURPOSE = {
    MailKind.INVITATION: Purpose.INVITATION,
    MailKind.VERIFY_EMAIL: Purpose.VERIFY_EMAIL,
    MailKind.PASSWORD_RESET: Purpose.RESET_PASSWORD,
}


def letter(action: Action, user: UserRow, portal: PortalRow) -> Letter | None:
    """The mail that an action sends to a user, if it sends any."""
    if action is Action.RESET_PASSWORD and user.email:
        return Letter(user, MailKind.PASSWORD_RESET, user.email, timedelta(hours=portal.password_reset_ttl_hours))
    if action is Action.RESEND_VERIFICATION and user.status in UNCONFIRMED and user.email:
        return Letter(user, MailKind.INVITATION, user.email, timedelta(hours=portal.invitation_ttl_hours))
    if action is Action.RESEND_VERIFICATION and user.pending_email:
        return verification(user, user.pending_email, portal)
    return None


def verification(user: UserRow, address: str, portal: PortalRow) -> Letter:
    """The mail by which a changed address is verified; its link lives as long as an invitation's."""
    return Letter(user, MailKind.VERIFY_EMAIL, address, timedelta(hours=portal.invitation_ttl_hours))


async def post(work: Work, letters: Sequence[Letter], at: datetime) -> None:
    """Queues the mails, each with a link of its own; the users' earlier links of the same kind are dead."""
    for kind in MailKind:
        of_kind = [each for each in letters if each.kind is kind]
        if not of_kind:
            continue
        purpose = PURPOSE[kind]
        new = [_link(work, each, purpose, at) for each in of_kind]
        await links.supersede(purpose, [each.user.id for each in of_kind], at)
        await links.store(new)
        await outbox.enqueue([_mail(work, each, link.id, at) for each, link in zip(of_kind, new, strict=True)])


def token_hash(token: str) -> str:
    """What is stored of a link's token."""
    return sha256(token.encode()).hexdigest()


def _link(work: Work, letter: Letter, purpose: Purpose, at: datetime) -> LinkRow:
    id, nonce = work.new_id(), work.secret(16).hex()
    return LinkRow(
        id=id,
        user_id=letter.user.id,
        purpose=purpose,
        nonce=nonce,
        token_hash=token_hash(work.links.token(purpose, id, nonce)),
        created_at=at,
        expires_at=at + letter.lives,
        used_at=None,
        superseded_at=None,
    )


def _mail(work: Work, letter: Letter, link_id: UUID, at: datetime) -> MailRow:
    return MailRow(
        id=work.new_id(),
        portal_id=letter.user.portal_id,
        user_id=letter.user.id,
        link_id=link_id,
        kind=letter.kind,
        recipient=letter.recipient,
        dedupe_key=f"{letter.kind}:{link_id}",
        state=MailState.QUEUED,
        created_at=at,
        due_at=at,
        attempts=0,
        leased_until=None,
        lease=None,
        finished_at=None,
        problem=None,
    )
