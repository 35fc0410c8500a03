"""Mails: a new link or code where the mail carries one, the earlier ones dead, and the mail queued; all in the
caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from models import links, outbox
from models.accounts import StaffRow
from models.links import Delivery, LinkRow, Purpose
from models.outbox import MailKind, MailRow, MailState
from models.portals import PortalRow
from models.users import UserRow
from rules.lifecycle import UNCONFIRMED, Action
from services.work import Work


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whose mail and link it is: a portal's user, or a member of staff, who has no portal."""

    id: UUID
    portal_id: UUID | None

    @classmethod
    def of(cls, user: UserRow) -> Addressee:
        return cls(user.id, user.portal_id)

    @classmethod
    def of_staff(cls, member: StaffRow) -> Addressee:
        return cls(member.id, None)


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail that carries a link or a code."""

    to: Addressee
    kind: MailKind
    recipient: str
    lives: timedelta
    is_trusted: bool = False
    """Of an invitation: whoever holds the link may set a password without registering (E7)."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One mail that carries nothing: it tells. `about` names the occasion: for each there is one such mail."""

    to: Addressee
    kind: MailKind
    recipient: str
    about: str
    deadline: datetime | None = None


PURPOSE = {
    MailKind.INVITATION: Purpose.INVITATION,
    MailKind.VERIFY_EMAIL: Purpose.VERIFY_EMAIL,
    MailKind.PASSWORD_RESET: Purpose.RESET_PASSWORD,
    MailKind.REGISTRATION_CODE: Purpose.REGISTRATION_CODE,
}
"""The mails that carry a link or a code, and what it is good for."""


def letter(action: Action, user: UserRow, portal: PortalRow) -> Letter | None:
    """The mail that an action sends to a user, if it sends any."""
    if action is Action.RESET_PASSWORD and user.email:
        lives = timedelta(hours=portal.password_reset_ttl_hours)
        return Letter(Addressee.of(user), MailKind.PASSWORD_RESET, user.email, lives)
    if action is Action.RESEND_VERIFICATION and user.status in UNCONFIRMED and user.email:
        lives = timedelta(hours=portal.invitation_ttl_hours)
        return Letter(Addressee.of(user), MailKind.INVITATION, user.email, lives)
    if action is Action.RESEND_VERIFICATION and user.pending_email:
        return verification(user, user.pending_email, portal)
    return None


def verification(user: UserRow, address: str, portal: PortalRow) -> Letter:
    """The mail by which a changed address is verified; its link lives as long as an invitation's."""
    lives = timedelta(hours=portal.invitation_ttl_hours)
    return Letter(Addressee.of(user), MailKind.VERIFY_EMAIL, address, lives)


def warning_of(kind: MailKind, user: UserRow, about: str, deadline: datetime | None = None) -> list[Notice]:
    """The notice for the user's verified address; none where there is no such address."""
    if user.email is None or user.email_verified_at is None:
        return []
    return [Notice(Addressee.of(user), kind, user.email, about, deadline)]


async def post(work: Work, letters: Sequence[Letter], at: datetime) -> None:
    """Queues the mails, each with a link or code of its own; the accounts' earlier ones of the same kind are dead."""
    for kind, purpose in PURPOSE.items():
        of_kind = [each for each in letters if each.kind is kind]
        if not of_kind:
            continue
        trusted = await _trusted(of_kind) if purpose is Purpose.INVITATION else frozenset()
        new = [_link(work, each, purpose, at, is_trusted=each.to.id in trusted) for each in of_kind]
        for of_staff in (False, True):
            ids = [each.to.id for each in of_kind if (each.to.portal_id is None) is of_staff]
            if ids:
                await links.supersede(purpose, ids, at, of_staff=of_staff)
        await links.store(new)
        await outbox.enqueue(
            [
                _mail(work, each.to, kind, each.recipient, f"{kind}:{link.id}", at, link_id=link.id)
                for each, link in zip(of_kind, new, strict=True)
            ]
        )


async def notify(work: Work, notices: Sequence[Notice], at: datetime) -> None:
    """Queues notices; one of which there is a mail already is left out."""
    await outbox.enqueue(
        [
            _mail(work, each.to, each.kind, each.recipient, f"{each.kind}:{each.about}", at, deadline=each.deadline)
            for each in notices
        ]
    )


def token_hash(token: str) -> str:
    """What is stored of a token."""
    return sha256(token.encode()).hexdigest()


def code_of(token: str) -> str:
    """The six digits that stand for a token where people type it."""
    return f"{int(sha256(f'code {token}'.encode()).hexdigest(), 16) % 1_000_000:06d}"


def minted(
    work: Work,
    purpose: Purpose,
    to: Addressee,
    at: datetime,
    lives: timedelta,
    *,
    address: str | None = None,
    delivery: Delivery | None = None,
    is_trusted: bool = False,
) -> tuple[LinkRow, str]:
    """A new link or step for an account, not stored yet, and its token, which is never stored."""
    id, nonce = work.new_id(), work.secret(16).hex()
    token = work.links.token(purpose, id, nonce)
    row = LinkRow(
        id=id,
        user_id=to.id if to.portal_id else None,
        staff_id=None if to.portal_id else to.id,
        purpose=purpose,
        nonce=nonce,
        token_hash=token_hash(token),
        created_at=at,
        expires_at=at + lives,
        used_at=None,
        superseded_at=None,
        address=address,
        delivery=delivery,
        is_trusted=is_trusted,
    )
    return row, token


def token_of(work: Work, link: LinkRow) -> str | None:
    """The link's token, derived anew; None when it was made with a secret key that this server does not know."""
    known = work.links.tokens(link.purpose, link.id, link.nonce)
    return next((token for token in known if token_hash(token) == link.token_hash), None)


def with_link(work: Work, kind: MailKind, to: Addressee, recipient: str, link: LinkRow, at: datetime) -> MailRow:
    """A mail, not queued yet, with a link that may have been mailed before."""
    mail = _mail(work, to, kind, recipient, "", at, link_id=link.id)
    return mail._replace(dedupe_key=f"{kind}:{link.id}:{mail.id}")


async def _trusted(letters: Sequence[Letter]) -> frozenset[UUID]:
    """Whose invitation is trusted (E7), also where it has run out: sending it again takes that from nobody. One that was
    revoked spoke of another address."""
    earlier = await links.newest(Purpose.INVITATION, [each.to.id for each in letters if each.to.portal_id])
    return frozenset({id for id, link in earlier.items() if link.is_trusted and link.superseded_at is None})


def _link(work: Work, letter: Letter, purpose: Purpose, at: datetime, *, is_trusted: bool) -> LinkRow:
    delivery = Delivery.EMAIL if purpose is Purpose.INVITATION else None
    row, _ = minted(
        work,
        purpose,
        letter.to,
        at,
        letter.lives,
        address=letter.recipient,
        delivery=delivery,
        is_trusted=letter.is_trusted or is_trusted,
    )
    return row


def _mail(
    work: Work,
    to: Addressee,
    kind: MailKind,
    recipient: str,
    dedupe_key: str,
    at: datetime,
    *,
    link_id: UUID | None = None,
    deadline: datetime | None = None,
) -> MailRow:
    return MailRow(
        id=work.new_id(),
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
        leased_until=None,
        lease=None,
        finished_at=None,
        problem=None,
        deadline=deadline,
    )
