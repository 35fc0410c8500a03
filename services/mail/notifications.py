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
    """A mail without a link.

    `about` identifies the occasion of the mail: a second mail of the same kind with the same `about` is not enqueued.
    `deadline` is the time of suspension that an idle warning announces. It is None for other mails. `actor_id` is the
    admin who caused the event, or None if no admin caused it.
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
