"""Refresh tokens: what prolongs a session, each once. Only hashes are here: nothing opens anything."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from models.dialect import insert, locked
from models.fields import KeyField
from models.rows import Shape
from models.sessions import AccountSession
from models.sql import fetch, sql, write


class RefreshToken(Model):
    """One token of a session's family: good until it is replaced. It is derived from the id and the nonce."""

    id = fields.UUIDField(primary_key=True)
    session: fields.ForeignKeyRelation[AccountSession] = fields.ForeignKeyField(
        "models.AccountSession", on_delete=fields.CASCADE
    )
    nonce = KeyField()
    token_hash = KeyField(unique=True)
    created_at = fields.DatetimeField()
    replaced_at = fields.DatetimeField(null=True)
    replaced_by = fields.UUIDField(null=True)

    class Meta:
        table = "refresh_token"
        indexes = [Index(fields=("session_id", "id"))]


class RefreshRow(NamedTuple):
    id: UUID
    session_id: UUID
    nonce: str
    token_hash: str
    created_at: datetime
    replaced_at: datetime | None = None
    replaced_by: UUID | None = None


class FamilyRow(NamedTuple):
    """The session that a refresh token prolongs."""

    id: UUID
    staff_id: UUID | None
    user_id: UUID | None
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


REFRESH = Shape(RefreshRow, "r")
FAMILY = Shape(FamilyRow, "a")
COLUMNS = {
    "id": "uuid",
    "session_id": "uuid",
    "nonce": "text",
    "token_hash": "text",
    "created_at": "timestamptz",
    "replaced_at": "timestamptz",
    "replaced_by": "uuid",
}


async def store(token: RefreshRow) -> None:
    """Writes a new token."""
    await insert("refresh_token", COLUMNS, [token])


async def lock_family(token_hash: str) -> FamilyRow | None:
    """The session of the token with that hash, locked: of many who refresh at once one goes first."""
    query = f"SELECT {FAMILY.columns} FROM account_session a WHERE a.id = " + sql(
        "(SELECT r.session_id FROM refresh_token r WHERE r.token_hash = ?)", token_hash
    )
    found = FAMILY.read(await fetch(locked(query, "a")))
    return found[0] if found else None


async def by_hash(token_hash: str) -> RefreshRow | None:
    """The token with that hash, living or replaced."""
    found = REFRESH.read(
        await fetch(f"SELECT {REFRESH.columns} FROM refresh_token r WHERE " + sql("r.token_hash = ?", token_hash))
    )
    return found[0] if found else None


async def living_of(session_id: UUID) -> RefreshRow:
    """The one token of the family that was not replaced."""
    query = f"SELECT {REFRESH.columns} FROM refresh_token r WHERE " + sql(
        "r.session_id = ? AND r.replaced_at IS NULL", session_id
    )
    return REFRESH.read(await fetch(query))[0]


async def replace(token: RefreshRow, successor: RefreshRow, at: datetime) -> None:
    """The successor is good from now on, the token is not."""
    await store(successor)
    await write(
        sql("UPDATE refresh_token SET replaced_at = ?, replaced_by = ? WHERE id = ?", at, successor.id, token.id)
    )


async def prolong(session_id: UUID, at: datetime, until: datetime) -> None:
    """The session was used, and lives on until then."""
    await write(sql("UPDATE account_session SET last_used_at = ?, expires_at = ? WHERE id = ?", at, until, session_id))


async def revoke_family(session_id: UUID, at: datetime) -> None:
    """Ends the session, by row: none of its tokens is good any more."""
    await write(sql("UPDATE account_session SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", at, session_id))
