"""Counting mail by recipient: how much of a kind an address was sent, and when it may be sent more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import TypeVar
from uuid import UUID

from models.mail import recipient_mails
from models.mail.recipient_mails import RecipientMailRow
from models.mail.table import MailRow
from models.users.table import UserRow
from rules.lifecycle.actions import Action, mail_of
from rules.mail.caps import DAY, FOR_ADMINS, MailCap, free_at
from rules.mail.kinds import PURPOSES, MailKind
from rules.text import email_domains
from services.runtime import Runtime

K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Addressed:
    """Mail of a kind, from a portal (None: to staff) to an address."""

    kind: MailKind
    portal_id: UUID | None
    address: str

    @property
    def key(self) -> str:
        """What it is counted by. `ann+news@acme.test` reaches the mailbox of `ann@acme.test`, so they count as one."""
        local, _, domain = email_domains.key(self.address).rpartition("@")
        return sha256(f"{self.portal_id} {self.kind} {local.partition('+')[0]}@{domain}".encode()).hexdigest()


async def waits(wanted: Mapping[K, Addressed], at: datetime, cap: MailCap) -> dict[K, datetime]:
    """Return when each mail may be queued, for those that have to wait; one statement.

    Exact only while the portal, or the member of staff, is locked until the mail is queued.
    """
    if not wanted:
        return {}
    keys = {name: mail.key for name, mail in wanted.items()}
    sent = await recipient_mails.since(set(keys.values()), at - DAY)
    found = {name: free_at(sent.get(key, ()), at, cap) for name, key in keys.items()}
    return {name: instant for name, instant in found.items() if instant}


async def wait(mail: Addressed, at: datetime, cap: MailCap) -> datetime | None:
    """Return when that mail may be queued; None: now."""
    return (await waits({mail: mail}, at, cap)).get(mail)


async def waits_of_action(action: Action, users: Iterable[UserRow], at: datetime) -> dict[UUID, datetime]:
    """Return when the action may mail each of these users, for those who have to wait, by user."""
    wanted = {user.id: Addressed(mail[0], user.portal_id, mail[1]) for user in users if (mail := mail_of(action, user))}
    return await waits(wanted, at, FOR_ADMINS)


async def record(runtime: Runtime, mails: Sequence[MailRow], at: datetime) -> None:
    """Count mails that are queued in this transaction; one statement, none for kinds without a cap."""
    await recipient_mails.add(
        [
            RecipientMailRow(runtime.new_id(), Addressed(mail.kind, mail.portal_id, mail.recipient).key, at)
            for mail in mails
            if mail.kind in PURPOSES
        ]
    )
