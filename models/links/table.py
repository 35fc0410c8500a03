"""Links, codes and sign-in steps: the table and its row."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model

from models.db.fields import KeyField
from models.db.partial_indexes import PartialIndex
from models.db.rows import RowMapper
from rules.accounts import AccountKey
from rules.auth.link_purposes import Purpose
from rules.mail.mail_states import LinkMailState, MailProblem


class Delivery(StrEnum):
    """How an invitation reaches the invitee."""

    EMAIL = "EMAIL"
    LINK = "LINK"
    NONE = "NONE"


class LinkToken(Model):
    """A link, code or sign-in step. A link is active until it is used, superseded or expired.

    - `nonce`: the token is derived from the id and the nonce.
    - `sequence`: numbers an account's links for one purpose. The newest link has the greatest number.
    - `address`: the e-mail address that received the link or, for a step after a mailed code, the code. Using the link
      proves the address.
    - `tries`: the number of wrong answers. An invitation counts the wrong codes of all its registrations together.
    - `delivery`, `is_trusted`, `codes_mailed` and `replaced_at`: for invitations only. `replaced_at` is when a newer
      invitation replaced the link.
    - `actor_id`: the user or member of staff who began a change of e-mail address. Null for other links.
    - `sent_at`: when the mail server last accepted a mail with the link.
    - `mail_failed_at`: when a mail with the link last failed.
    - `mail_state` and `mail_problem`: the state of the newest mail with the link.
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
    """A stored link. The holder of a link with `is_trusted` can set a password without registering (E7)."""

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
        """Return whether the link is active at `instant`. At `expires_at`, the link is no longer active."""
        return self.used_at is None and self.superseded_at is None and instant < self.expires_at


LINK = RowMapper(LinkRow, LinkToken, "t")

IS_NEWEST = (
    "NOT EXISTS (SELECT 1 FROM link_token n"
    " WHERE n.user_id = t.user_id AND n.purpose = t.purpose AND n.sequence > t.sequence)"
)
"""The SQL condition that a link (alias t) is the user's newest link for its purpose."""
