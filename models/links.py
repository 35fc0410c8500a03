"""Links, codes and steps of signing in: each carries one right, once. Only hashes are here: nothing opens anything."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model

from models.account_columns import belongs_to, belongs_to_any
from models.db.dialect import is_any_of
from models.db.fields import KeyField
from models.db.partial_indexes import PartialIndex
from models.db.rows import RowMapper
from models.db.sql import fetch, sql, write
from rules.accounts import AccountKey
from rules.auth.link_purposes import Purpose
from rules.mail.delivery import LinkMailState, MailProblem


class Delivery(StrEnum):
    """How an invitation reaches the invitee."""

    EMAIL = "EMAIL"
    LINK = "LINK"
    NONE = "NONE"


class LinkToken(Model):
    """One link, code or step of signing in: good until it is used, superseded or past its end.

    The token is derived from the id and the nonce. `sequence` numbers an account's links for one purpose in the order in
    which they were stored, whatever the clocks said: the greatest is the newest. `address` is the address that the link
    proves. `replaced_at` is when an invitation ceased to be the user's newest. `tries` counts the wrong answers to it; of an invitation, the wrong codes of all registrations begun with it.
    `delivery`, `is_trusted` and `codes_mailed` are of invitations. `actor_id` is the account that began the change of e-mail
    that the link finishes, a user's or one of staff; it is null for other purposes. The last four tell of the mails with the link: when one
    was last accepted by the mail server, what became of the newest, why it failed, and when one failed last.
    """

    id = fields.UUIDField(primary_key=True)
    user: fields.ForeignKeyNullableRelation[Model] = fields.ForeignKeyField(
        "models.PortalUser", null=True, on_delete=fields.CASCADE
    )
    staff: fields.ForeignKeyNullableRelation[Model] = fields.ForeignKeyField(
        "models.StaffMember", null=True, on_delete=fields.CASCADE
    )
    purpose = KeyField()
    sequence = fields.IntField(default=0)
    nonce = KeyField()
    token_hash = KeyField(unique=True)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)
    superseded_at = fields.DatetimeField(null=True)
    replaced_at = fields.DatetimeField(null=True)
    address = fields.TextField(null=True)
    tries = fields.IntField(default=0)
    delivery = KeyField(null=True)
    is_trusted = fields.BooleanField(default=False)
    codes_mailed = fields.IntField(default=0)
    actor_id = fields.UUIDField(null=True)
    sent_at = fields.DatetimeField(null=True)
    mail_state = KeyField(null=True)
    mail_problem = KeyField(null=True)
    mail_failed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "link_token"
        indexes = [
            Index(fields=("user_id", "purpose", "sequence")),
            Index(fields=("staff_id", "purpose", "sequence")),
            PartialIndex(name="link_token_expiry", fields=("expires_at",), where="purpose <> 'INVITATION'"),
            PartialIndex(name="link_token_replaced", fields=("replaced_at",), where="replaced_at IS NOT NULL"),
        ]
        constraints = [CheckConstraint("(staff_id IS NULL) <> (user_id IS NULL)", "link_token_has_one_account")]


class LinkRow(NamedTuple):
    """`is_trusted`: whoever holds it may set a password, without registering (E7)."""

    id: UUID
    user_id: UUID | None
    staff_id: UUID | None
    purpose: Purpose
    nonce: str
    token_hash: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    superseded_at: datetime | None
    address: str | None = None
    tries: int = 0
    delivery: Delivery | None = None
    is_trusted: bool = False
    codes_mailed: int = 0
    actor_id: UUID | None = None
    sent_at: datetime | None = None
    mail_state: LinkMailState | None = None
    mail_problem: MailProblem | None = None
    mail_failed_at: datetime | None = None

    @property
    def owner(self) -> AccountKey:
        return AccountKey.of(user_id=self.user_id, staff_id=self.staff_id)

    def lives_at(self, instant: datetime) -> bool:
        """Good one instant before its end, refused at it."""
        return self.used_at is None and self.superseded_at is None and instant < self.expires_at


LINK = RowMapper(LinkRow, LinkToken, "t")


DEPENDENT = {
    Purpose.INVITATION: (Purpose.INVITATION, Purpose.REGISTRATION_CODE, Purpose.REGISTRATION),
    Purpose.REGISTRATION_CODE: (Purpose.REGISTRATION_CODE, Purpose.REGISTRATION),
}
"""What dies with a link: whatever it led to."""


IS_NEWEST = (
    "NOT EXISTS (SELECT 1 FROM link_token n"
    " WHERE n.user_id = t.user_id AND n.purpose = t.purpose AND n.sequence > t.sequence)"
)
"""The condition that a user's link t is the newest for its purpose."""

STEPS_OF_SIGNING_IN = (Purpose.MFA_CHALLENGE, Purpose.PASSWORD_CHANGE)
"""What somebody holds who has proved a password and is not in yet."""


async def supersede(purpose: Purpose, accounts: Collection[AccountKey], at: datetime) -> None:
    """Mark the accounts' active links for the purpose, and those that depend on them, as superseded at `at`."""
    await supersede_every(DEPENDENT.get(purpose, (purpose,)), accounts, at)


async def supersede_every(purposes: Iterable[Purpose], accounts: Collection[AccountKey], at: datetime) -> None:
    """Mark the accounts' active links for these purposes, and for no others, as superseded at `at`."""
    await write(
        sql("UPDATE link_token SET superseded_at = ? WHERE used_at IS NULL AND superseded_at IS NULL AND ", at)
        + is_any_of("purpose", purposes)
        + " AND "
        + belongs_to_any(accounts)
    )


async def use(link: LinkRow, at: datetime) -> bool:
    """Use the link up if it is active at `at`; return whether it was. Of several at once one gets True."""
    return bool(
        await write(
            sql(
                "UPDATE link_token SET used_at = ? WHERE id = ? AND used_at IS NULL AND superseded_at IS NULL"
                " AND expires_at > ? RETURNING id",
                *(at, link.id, at),
            )
        )
    )


async def count_try(*links: LinkRow) -> None:
    """Count one wrong answer to each of the links."""
    await write("UPDATE link_token SET tries = tries + 1 WHERE " + is_any_of("id", [link.id for link in links]))


async def count_code(link: LinkRow) -> None:
    """Count a registration code that was mailed for an invitation."""
    await write(sql("UPDATE link_token SET codes_mailed = codes_mailed + 1 WHERE id = ?", link.id))


async def store(links: Sequence[LinkRow]) -> None:
    """Store new links, each the newest of its account and purpose; one link per account and purpose.

    Invitations that were the newest are marked as replaced: only replaced ones are ever dropped.
    """
    for at in {link.created_at for link in links if link.purpose is Purpose.INVITATION}:
        invited = [link.user_id for link in links if link.purpose is Purpose.INVITATION and link.created_at == at]
        await write(
            sql(
                "UPDATE link_token SET replaced_at = ? WHERE replaced_at IS NULL AND purpose = ? AND ",
                at,
                Purpose.INVITATION,
            )
            + is_any_of("user_id", invited)
        )
    newest = ", ".join(
        f"(SELECT MAX(o.sequence) FROM link_token o WHERE o.{owner} = v.{owner} AND o.purpose = v.purpose)"
        for owner in ("user_id", "staff_id")
    )
    await LINK.insert(links, computed={"sequence": f"COALESCE({newest}, 0) + 1"})


async def by_hash(token_hash: str) -> LinkRow | None:
    """Return the link whose token has that hash, active or not."""
    found = LINK.read(
        await fetch(f"SELECT {LINK.columns} FROM link_token t WHERE " + sql("t.token_hash = ?", token_hash))
    )
    return found[0] if found else None


async def newest(purpose: Purpose, user_ids: Iterable[UUID]) -> dict[UUID, LinkRow]:
    """Return these users' newest links for the purpose, active or not, by user."""
    rows = await fetch(
        f"SELECT {LINK.columns} FROM link_token t WHERE "
        + sql("t.purpose = ? AND ", purpose)
        + is_any_of("t.user_id", user_ids)
        + f" AND {IS_NEWEST}"
    )
    return {link.user_id: link for link in LINK.read(rows) if link.user_id}


async def newest_of(purpose: Purpose, account: AccountKey) -> LinkRow | None:
    """Return the account's newest link for the purpose, active or not."""
    found = LINK.read(
        await fetch(
            f"SELECT {LINK.columns} FROM link_token t WHERE "
            + sql("t.purpose = ? AND ", purpose)
            + belongs_to(account, "t.")
            + " ORDER BY t.sequence DESC LIMIT 1"
        )
    )
    return found[0] if found else None


async def by_id(ids: Sequence[UUID]) -> dict[UUID, LinkRow]:
    """Return links by their ids, for the worker that mails them."""
    rows = await fetch(f"SELECT {LINK.columns} FROM link_token t WHERE " + is_any_of("t.id", ids))
    return {link.id: link for link in LINK.read(rows)}
