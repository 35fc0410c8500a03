"""The invitations of the demo's users. They are stored as if they had been mailed earlier. No mail is sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from models.links import changes as link_changes
from models.links.table import Delivery, LinkRow
from models.mail import outbox
from models.mail.table import MailRow, MailState
from rules.auth.link_purposes import Purpose
from rules.mail.kinds import MailKind
from rules.mail.mail_states import LinkMailState
from services.links import token_hash
from services.runtime import Runtime

LIVES = timedelta(hours=168)
SENT_AFTER = timedelta(seconds=4)


async def invite(runtime: Runtime, portal_id: UUID, people: Sequence[tuple[UUID, str, datetime]], at: datetime) -> None:
    """Store an invitation for each of `people`, and a mail for it that counts as sent.

    An item of `people` is a user's id, address and time of adding. Every fourth invitation is dated back so that it has
    expired, but never to before the user was added.
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
    # The id and the nonce are the same in every load, so links keep their tokens while the server's key stays.
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
    assert link.user_id, "an invitation of a user"  # noqa: S101  # for the type checker: `_link` always sets it
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
    """Return an id that sorts before all ids that the server makes (`new_id`). Equal arguments give equal ids."""
    return UUID(bytes=bytes([0, 0, 0, 0, 0, kind, 0x70, 0]) + user_id.bytes[8:])
