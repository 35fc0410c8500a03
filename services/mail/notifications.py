"""Notifications: mails without a link that inform the owner of an account about a change or an event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models.mail import outbox
from models.users.table import UserRow
from rules.mail.kinds import MailKind
from services.mail.mail_rows import Owner, mail_row
from services.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Notification:
    """A mail without a link that informs the owner of an account.

    - `about`: the occasion. A second mail of the same kind and occasion is not enqueued.
    - `deadline`: the time of suspension that an idle warning announces. None for other mails.
    - `actor_id`: the admin who caused the event. None if no admin caused it.
    """

    to: Owner
    kind: MailKind
    recipient: str
    about: str
    deadline: datetime | None = None
    actor_id: UUID | None = None


def notification_for(
    kind: MailKind, user: UserRow, about: str, deadline: datetime | None = None, *, actor_id: UUID | None = None
) -> list[Notification]:
    """Return a list with one notification to the user's verified address.

    The list is empty if the user has no verified address.
    """
    if user.email is None or user.email_verified_at is None:
        return []
    return [Notification(user, kind, user.email, about, deadline, actor_id)]


async def enqueue_notifications(runtime: Runtime, notifications: Sequence[Notification], at: datetime) -> None:
    """Enqueue the notifications. Requires a transaction.

    A notification is left out if a mail with the same kind and the same `about` is already stored.
    """
    await outbox.enqueue(
        [
            mail_row(
                runtime,
                each.to,
                each.kind,
                each.recipient,
                each.about,
                at,
                deadline=each.deadline,
                actor_id=each.actor_id,
            )
            for each in notifications
        ]
    )
