"""Second factors: encrypted TOTP secrets and hashed recovery codes.

- A secret is stored as `key name.ciphertext`. Earlier versions stored only `ciphertext`. Demo users have an empty
  secret, so that no code is accepted.
- A recovery code is stored as `sha256.digest`. Earlier versions stored an HMAC with a key of the server, as
  `key name.digest` or only `digest`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model

from models.db.dialect import is_any_of
from models.db.fields import KeyField
from models.db.rows import RowMapper
from models.db.sql import Sql, fetch, sql, write
from models.owner_conditions import belongs_to, belongs_to_any
from models.staff import StaffMember
from rules.access import Actor
from rules.accounts import AccountKey, AccountKind

KEY_NAME_LENGTH = 16
"""The number of hexadecimal digits in the name of an encryption key."""

KEY_SEPARATOR = "."
PLAIN = f"sha256{KEY_SEPARATOR}"
_DIGEST_LENGTH = 64
IS_SEALED = "f.sealed_secret <> ''"
NAMES_NO_KEY = Sql(f"length(code_hash) = {_DIGEST_LENGTH}")
_NAMES_A_KEY = Sql(f"substr(code_hash, {KEY_NAME_LENGTH + 1}, 1) = '{KEY_SEPARATOR}'")


class SecondFactor(Model):
    """An account's TOTP secret. If `confirmed_at` is not null, the account is enrolled.

    `last_step` is the latest time step of TOTP (30 seconds) whose code was used.
    """

    id = fields.UUIDField(primary_key=True)
    staff: fields.OneToOneNullableRelation[StaffMember] = fields.OneToOneField(
        "models.StaffMember", null=True, on_delete=fields.CASCADE, related_name=False
    )
    user: fields.OneToOneNullableRelation[Model] = fields.OneToOneField(
        "models.PortalUser", null=True, on_delete=fields.CASCADE, related_name=False
    )
    sealed_secret = fields.TextField()
    created_at = fields.DatetimeField()
    confirmed_at = fields.DatetimeField(null=True)
    last_step = fields.BigIntField(default=0)

    class Meta:
        table = "second_factor"
        constraints = [CheckConstraint("(staff_id IS NULL) <> (user_id IS NULL)", "second_factor_has_one_account")]


class RecoveryCode(Model):
    """One of an account's ten recovery codes. A code can be used once, in place of a code of the second factor."""

    id = fields.UUIDField(primary_key=True)
    factor: fields.ForeignKeyRelation[SecondFactor] = fields.ForeignKeyField(
        "models.SecondFactor", on_delete=fields.CASCADE
    )
    code_hash = KeyField()
    used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "recovery_code"
        indexes = [Index(fields=("factor_id",))]


class FactorRow(NamedTuple):
    """A row of the table of `SecondFactor`."""

    id: UUID
    staff_id: UUID | None
    user_id: UUID | None
    sealed_secret: str
    created_at: datetime
    confirmed_at: datetime | None
    last_step: int

    @property
    def owner(self) -> AccountKey:
        return AccountKey.of(user_id=self.user_id, staff_id=self.staff_id)


class RecoveryRow(NamedTuple):
    id: UUID
    factor_id: UUID
    code_hash: str
    used_at: datetime | None


FACTOR = RowMapper(FactorRow, SecondFactor, "f")
RECOVERY = RowMapper(RecoveryRow, RecoveryCode)


async def of_account(account: AccountKey) -> FactorRow | None:
    """Return the account's second factor, confirmed or not, or None if the account has no second factor."""
    found = FACTOR.read(await fetch(f"SELECT {FACTOR.columns} FROM second_factor f WHERE " + belongs_to(account, "f.")))
    return found[0] if found else None


async def store(factor: FactorRow, codes: Sequence[RecoveryRow]) -> None:
    """Store a new second factor with its recovery codes."""
    await FACTOR.insert([factor])
    await RECOVERY.insert(codes)


async def confirm(factor: FactorRow, step: int, at: datetime) -> None:
    """Store that the factor was confirmed at `at`, by the code of the 30-second time step `step`.

    This code cannot be used again.
    """
    await write(sql("UPDATE second_factor SET confirmed_at = ?, last_step = ? WHERE id = ?", at, step, factor.id))
    await _flag(factor.owner, at, is_enrolled=True)


async def own_codes_left(actor: Actor, account_ids: Collection[UUID]) -> dict[UUID, int]:
    """Return the number of the actor's unused recovery codes, as a dict with the actor's id as its only key.

    The dict is empty if the actor has no confirmed second factor, or if the actor's id is not in `account_ids`.
    """
    if actor.id not in account_ids:
        return {}
    found = await fetch(
        "SELECT COUNT(c.id) AS unused FROM second_factor f"
        " LEFT JOIN recovery_code c ON c.factor_id = f.id AND c.used_at IS NULL"
        " WHERE f.confirmed_at IS NOT NULL AND " + belongs_to(actor.key, "f.") + " GROUP BY f.id"
    )
    return {actor.id: int(found[0]["unused"])} if found else {}


async def replace_codes(factor: FactorRow, codes: Sequence[RecoveryRow]) -> None:
    """Delete the factor's recovery codes, used or not, and store new ones."""
    await write(sql("DELETE FROM recovery_code WHERE factor_id = ?", factor.id))
    await RECOVERY.insert(codes)


async def use_step(factor: FactorRow, step: int) -> bool:
    """Mark the time step of a TOTP code as used, and return True. Return False if it or a later step is used already.

    Of concurrent calls with the same step, only one returns True.
    """
    used = await write(
        sql("UPDATE second_factor SET last_step = ? WHERE id = ? AND last_step < ? RETURNING id", step, factor.id, step)
    )
    return bool(used)


async def use_recovery_code(factor: FactorRow, code_hashes: Iterable[str], at: datetime) -> bool:
    """Mark a recovery code as used at `at`. Return False if the factor has no such unused code.

    `code_hashes` are hashes of the typed code, one for each format in which a hash can be stored.
    """
    used = await write(
        sql("UPDATE recovery_code SET used_at = ? WHERE factor_id = ? AND used_at IS NULL AND ", at, factor.id)
        + is_any_of("code_hash", code_hashes)
        + " RETURNING id"
    )
    return bool(used)


async def has_codes_of_other_keys(factor: FactorRow, names: Sequence[str]) -> bool:
    """Return whether an unused recovery code was hashed with a key that is not in `names`."""
    return await _has_code(factor, _NAMES_A_KEY + " AND NOT (" + is_any_of(key_name_in("code_hash"), names) + ")")


async def has_codes_without_key_name(factor: FactorRow) -> bool:
    """Return whether an unused recovery code was hashed with a key, but is stored without the key's name."""
    return await _has_code(factor, NAMES_NO_KEY)


async def delete(accounts: Collection[AccountKey]) -> None:
    """Delete the accounts' second factors, confirmed or not, and their recovery codes."""
    await write("DELETE FROM second_factor WHERE " + belongs_to_any(accounts))


async def disable(factor: FactorRow, at: datetime) -> None:
    """Delete the second factor and mark its account as not enrolled."""
    await delete([factor.owner])
    await _flag(factor.owner, at, is_enrolled=False)


async def _has_code(factor: FactorRow, which: Sql) -> bool:
    unused = sql("SELECT 1 FROM recovery_code WHERE factor_id = ? AND used_at IS NULL AND ", factor.id)
    return bool(await fetch(unused + which + " LIMIT 1"))


def key_name_in(column: str) -> str:
    """Return the SQL expression for the key name with which a stored secret or recovery code in `column` begins."""
    return f"substr({column}, 1, {KEY_NAME_LENGTH})"


async def _flag(account: AccountKey, at: datetime, *, is_enrolled: bool) -> None:
    if account.kind is AccountKind.STAFF_MEMBER:
        await write(sql("UPDATE staff_member SET mfa_enrolled = ? WHERE id = ?", is_enrolled, account.id))
        return
    await write(
        sql(
            "UPDATE portal_user SET mfa_enrolled = ?, modified_at = ?, version = version + 1 WHERE id = ?",
            is_enrolled,
            at,
            account.id,
        )
    )
