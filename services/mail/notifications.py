"""Notifications: mails without a link, which tell the owner of an account what happened to it."""

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
    """One mail without a link. `about` names the occasion: there is one mail of a kind for each.

    `deadline` is the moment that the mail names. `actor_id` is the admin who caused what happened, None for the
    recipient, a stranger or the system.
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
    """Return the notification for the user's verified address, or an empty list if the user has none."""
    if user.email is None or user.email_verified_at is None:
        return []
    return [Notification(user, kind, user.email, about, deadline, actor_id)]


async def enqueue_notifications(runtime: Runtime, notifications: Sequence[Notification], at: datetime) -> None:
    """Enqueue the notifications in the caller's transaction, except those that were enqueued before."""
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
