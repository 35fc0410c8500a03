"""Caps on mail: limits on the number of mails of one kind from one portal to one address within a period."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import TypeVar
from uuid import UUID

from models.mail import recent_mails
from models.mail.recent_mails import RecipientMailRow
from models.mail.table import MailRow
from models.users.table import UserRow
from rules.lifecycle.actions import Action, mail_of
from rules.mail.caps import DAY, FOR_ADMINS, MailCap, free_at
from rules.mail.kinds import PURPOSES, MailKind
from rules.text import email_normalization
from services.runtime import Runtime

K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Addressed:
    """The values by which a mail is counted: its kind, its portal and its address. `portal_id` is None for staff."""

    kind: MailKind
    portal_id: UUID | None
    address: str

    @property
    def key(self) -> str:
        """A digest of portal, kind and address. Mails with the same digest are counted together.

        The part of the address from `+` to `@` is left out, because `ann+news@acme.test` and `ann@acme.test` are the
        same mailbox.
        """
        local, _, domain = email_normalization.address_key(self.address).rpartition("@")
        return sha256(f"{self.portal_id} {self.kind} {local.partition('+')[0]}@{domain}".encode()).hexdigest()


async def allowed_at_each(wanted: Mapping[K, Addressed], at: datetime, cap: MailCap) -> dict[K, datetime]:
    """Map the key of each mail that `cap` does not allow at `at` to the time from which `cap` allows the mail.

    `wanted` maps keys of the caller's choice to mails. The function executes one SQL statement. The cap is exact only
    if the portal, or the member of staff, stays locked until the mail is enqueued.
    """
    if not wanted:
        return {}
    keys = {name: mail.key for name, mail in wanted.items()}
    sent = await recent_mails.since(set(keys.values()), at - DAY)
    found = {name: free_at(sent.get(key, ()), at, cap) for name, key in keys.items()}
    return {name: instant for name, instant in found.items() if instant}


async def allowed_at(mail: Addressed, at: datetime, cap: MailCap) -> datetime | None:
    """Return the time from which `cap` allows the mail, or None if `cap` allows the mail at `at`."""
    return (await allowed_at_each({mail: mail}, at, cap)).get(mail)


async def allowed_at_for_action(action: Action, users: Iterable[UserRow], at: datetime) -> dict[UUID, datetime]:
    """Return a dict from user id to the time from which the cap FOR_ADMINS allows the action's mail to the user.

    A user is left out if the mail is allowed at `at`, or if the action sends the user no mail.
    """
    wanted = {user.id: Addressed(mail[0], user.portal_id, mail[1]) for user in users if (mail := mail_of(action, user))}
    return await allowed_at_each(wanted, at, FOR_ADMINS)


async def count_mails(runtime: Runtime, mails: Sequence[MailRow], at: datetime) -> None:
    """Count the mails towards their caps, in one SQL statement. Mails of a kind without a cap are not counted.

    Call this function in the transaction that enqueues the mails.
    """
    await recent_mails.add(
        [
            RecipientMailRow(runtime.new_id(), Addressed(mail.kind, mail.portal_id, mail.recipient).key, at)
            for mail in mails
            if mail.kind in PURPOSES
        ]
    )
