"""The invitations of the demo's users: mailed in the past, most of them still active. No mail is queued."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from models.links import changes as link_changes
from models.links.table import Delivery, LinkRow
from models.mail import outbox
from models.mail.table import MailRow, MailState
from rules.auth.link_purposes import Purpose
from rules.mail.delivery import LinkMailState
from rules.mail.kinds import MailKind
from services.links import token_hash
from services.runtime import Runtime

LIVES = timedelta(hours=168)
SENT_AFTER = timedelta(seconds=4)


async def invite(runtime: Runtime, portal_id: UUID, people: Sequence[tuple[UUID, str, datetime]], at: datetime) -> None:
    """Store an invitation for each of `people`: the user's id, address, and when the user was added.

    One in four has expired, if the user was added long enough ago. The links open: they derive from the same ids and
    nonces at every load, and from this server's secret key.
    """
    rows = [
        _link(runtime, user_id, address, max(added_at, _invited_at(n, at)))
        for n, (user_id, address, added_at) in enumerate(people)
    ]
    await link_changes.store(rows)
    await outbox.store_finished([_mail(portal_id, link) for link in rows])


def _invited_at(n: int, at: datetime) -> datetime:
    return at - (timedelta(days=8 + n % 20) if n % 4 == 3 else timedelta(hours=n * 7 % 150 + 1))


def _link(runtime: Runtime, user_id: UUID, address: str, at: datetime) -> LinkRow:
    link_id, nonce = _older_than_all(user_id, 1), _older_than_all(user_id, 2).hex
    return LinkRow(
        id=link_id,
        user_id=user_id,
        staff_id=None,
        purpose=Purpose.INVITATION,
        nonce=nonce,
        token_hash=token_hash(runtime.links.token(Purpose.INVITATION, link_id, nonce)),
        created_at=at,
        expires_at=at + LIVES,
        used_at=None,
        superseded_at=None,
        address=address,
        delivery=Delivery.EMAIL,
        sent_at=at + SENT_AFTER,
        mail_state=LinkMailState.SENT,
    )


def _mail(portal_id: UUID, link: LinkRow) -> MailRow:
    assert link.user_id, "an invitation of a user"  # noqa: S101  # for the type checker: made so above
    return MailRow(
        id=_older_than_all(link.user_id, 3),
        portal_id=portal_id,
        user_id=link.user_id,
        staff_id=None,
        link_id=link.id,
        kind=MailKind.INVITATION,
        recipient=link.address or "",
        dedupe_key=f"{MailKind.INVITATION}:{link.id}",
        state=MailState.SENT,
        created_at=link.created_at,
        due_at=link.created_at,
        attempts=1,
        lease=None,
        finished_at=link.created_at + SENT_AFTER,
        problem=None,
    )


def _older_than_all(user_id: UUID, kind: int) -> UUID:
    """Return an id that sorts before every id that is made later: the newest link has the highest id."""
    return UUID(bytes=bytes([0, 0, 0, 0, 0, kind, 0x70, 0]) + user_id.bytes[8:])
