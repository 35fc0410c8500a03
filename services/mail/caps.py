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
    """What a cap counts: mails of one kind, from one portal, to one address. `portal_id` is None for staff."""

    kind: MailKind
    portal_id: UUID | None
    address: str

    @property
    def key(self) -> str:
        """A digest of portal, kind and address. Mails with the same digest are counted together.

        `ann+news@acme.test` counts as `ann@acme.test`, because it is the same mailbox.
        """
        local, _, domain = email_normalization.address_key(self.address).rpartition("@")
        return sha256(f"{self.portal_id} {self.kind} {local.partition('+')[0]}@{domain}".encode()).hexdigest()


async def allowed_at_each(wanted: Mapping[K, Addressed], at: datetime, cap: MailCap) -> dict[K, datetime]:
    """Return the mails of `wanted` that `cap` does not allow at `at`, each with the time from which it is allowed.

    The caller chooses the keys of `wanted`. The result has the keys of the mails that are not allowed. The function
    executes one SQL statement. The cap is exact only if the portal, or the member of staff, stays locked until the mail
    is enqueued.
    """
    if not wanted:
        return {}
    keys = {name: mail.key for name, mail in wanted.items()}
    sent = await recent_mails.since(set(keys.values()), at - DAY)
    found = {name: free_at(sent.get(key, ()), at, cap) for name, key in keys.items()}
    return {name: instant for name, instant in found.items() if instant}


async def allowed_at(mail: Addressed, at: datetime, cap: MailCap) -> datetime | None:
    """Return the time from which `cap` allows the mail, or None if the mail is allowed at `at`."""
    return (await allowed_at_each({mail: mail}, at, cap)).get(mail)


async def allowed_at_for_action(action: Action, users: Iterable[UserRow], at: datetime) -> dict[UUID, datetime]:
    """Return the users that the action cannot mail yet, each with the time from which a mail is allowed.

    The limit is FOR_ADMINS, the one for mails that admins request. The keys of the result are user ids. Users who get
    no mail from the action are left out.
    """
    wanted = {user.id: Addressed(mail[0], user.portal_id, mail[1]) for user in users if (mail := mail_of(action, user))}
    return await allowed_at_each(wanted, at, FOR_ADMINS)


async def count_mails(runtime: Runtime, mails: Sequence[MailRow], at: datetime) -> None:
    """Count the mails towards their caps, in the transaction that enqueues them.

    Mails of a kind without a cap are not counted. The function executes one SQL statement.
    """
    await recent_mails.add(
        [
            RecipientMailRow(runtime.new_id(), Addressed(mail.kind, mail.portal_id, mail.recipient).key, at)
            for mail in mails
            if mail.kind in PURPOSES
        ]
    )
