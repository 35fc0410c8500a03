"""Links that carry a right: only their hashes are here, so nothing in the database opens anything."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.dialect import insert, is_any_of
from models.fields import KeyField
from models.rows import Shape
from models.sql import fetch, sql, write


class Purpose(StrEnum):
    """What a link is good for, and nothing else."""

    INVITATION = "INVITATION"
    VERIFY_EMAIL = "VERIFY_EMAIL"
    RESET_PASSWORD = "RESET_PASSWORD"  # noqa: S105  # a purpose


class LinkToken(Model):
    """One link: good until it is used, superseded or past its end. The token is derived from the id and the nonce."""

    id = fields.UUIDField(primary_key=True)
    user: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField("models.PortalUser", on_delete=fields.CASCADE)
    purpose = KeyField()
    nonce = KeyField()
    token_hash = KeyField(unique=True)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)
    superseded_at = fields.DatetimeField(null=True)

    class Meta:
        table = "link_token"
        indexes = [Index(fields=("user_id", "purpose"))]


class LinkRow(NamedTuple):
    id: UUID
    user_id: UUID
    purpose: Purpose
    nonce: str
    token_hash: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    superseded_at: datetime | None

    def lives_at(self, instant: datetime) -> bool:
        """Good one instant before its end, refused at it."""
        return self.used_at is None and self.superseded_at is None and instant < self.expires_at


LINK = Shape(LinkRow, "t")
COLUMNS = {
    "id": "uuid",
    "user_id": "uuid",
    "purpose": "text",
    "nonce": "text",
    "token_hash": "text",
    "created_at": "timestamptz",
    "expires_at": "timestamptz",
    "used_at": "timestamptz",
    "superseded_at": "timestamptz",
}


async def supersede(purpose: Purpose, user_ids: Sequence[UUID], at: datetime) -> None:
    """The users' living links for that purpose are dead from `at` on."""
    await write(
        sql(
            "UPDATE link_token SET superseded_at = ? WHERE purpose = ? AND used_at IS NULL AND superseded_at IS NULL AND ",
            *(at, purpose),
        )
        + is_any_of("user_id", user_ids)
    )


async def store(links: Sequence[LinkRow]) -> None:
    """Writes new links, in one statement."""
    await insert("link_token", COLUMNS, links)


async def by_hash(token_hash: str) -> LinkRow | None:
    """The link whose token has that hash, dead or alive."""
    found = LINK.read(
        await fetch(f"SELECT {LINK.columns} FROM link_token t WHERE " + sql("t.token_hash = ?", token_hash))
    )
    return found[0] if found else None


async def by_id(ids: Sequence[UUID]) -> dict[UUID, LinkRow]:
    """Links by their ids, for the worker that mails them."""
    rows = await fetch(f"SELECT {LINK.columns} FROM link_token t WHERE " + is_any_of("t.id", ids))
    return {link.id: link for link in LINK.read(rows)}
