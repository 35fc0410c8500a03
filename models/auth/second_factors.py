"""Second factors: encrypted TOTP secrets and hashed recovery codes.

An encrypted ("sealed") secret is stored as `key name.text`. Earlier versions stored only `text`. The secret is empty in
the demo, where the factor accepts no code. A recovery code's hash is stored as `sha256.digest`. Earlier versions stored
`digest` or `key name.digest`, where the digest depends on the named key.
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

from models.account_conditions import belongs_to, belongs_to_any
from models.db.dialect import is_any_of
from models.db.fields import KeyField
from models.db.rows import RowMapper, cells_of
from models.db.sql import Sql, fetch, sql, write
from models.staff import StaffMember
from rules.accounts import AccountKey, AccountKind

KEY_NAME_LENGTH = 16
"""The number of hexadecimal digits in the name of an encryption key."""

KEY_SEPARATOR = "."
PLAIN = f"sha256{KEY_SEPARATOR}"
_DIGEST_LENGTH = 64
_IS_SEALED = "f.sealed_secret <> ''"
_NAMES_NO_KEY = Sql(f"length(code_hash) = {_DIGEST_LENGTH}")
_NAMES_A_KEY = Sql(f"substr(code_hash, {KEY_NAME_LENGTH + 1}, 1) = '{KEY_SEPARATOR}'")


class SecondFactor(Model):
    """An account's TOTP secret. It is enrolled if `confirmed_at` is set. `last_step` is the latest used time step."""

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
    """One of an account's ten recovery codes. A code can replace a lost second factor once."""

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
    """A second factor. It is enrolled if `confirmed_at` is set. `last_step` is the latest used time step."""

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
    """Return the account's second factor, confirmed or not."""
    found = FACTOR.read(await fetch(f"SELECT {FACTOR.columns} FROM second_factor f WHERE " + belongs_to(account, "f.")))
    return found[0] if found else None


async def store(factor: FactorRow, codes: Sequence[RecoveryRow]) -> None:
    """Store a new second factor with its recovery codes."""
    await FACTOR.insert([factor])
    await RECOVERY.insert(codes)


async def confirm(factor: FactorRow, step: int, at: datetime) -> None:
    """Enroll the factor. Mark the time step of the confirming code as used."""
    await write(sql("UPDATE second_factor SET confirmed_at = ?, last_step = ? WHERE id = ?", at, step, factor.id))
    await _flag(factor.owner, at, is_enrolled=True)


async def use_step(factor: FactorRow, step: int) -> bool:
    """Mark a time step as used. Only one of concurrent calls returns True. False if this or a later step is used."""
    used = await write(
        sql("UPDATE second_factor SET last_step = ? WHERE id = ? AND last_step < ? RETURNING id", step, factor.id, step)
    )
    return bool(used)


async def use_recovery_code(factor: FactorRow, code_hashes: Iterable[str], at: datetime) -> bool:
    """Mark a recovery code as used. Return False if no unused code has one of the hashes."""
    used = await write(
        sql("UPDATE recovery_code SET used_at = ? WHERE factor_id = ? AND used_at IS NULL AND ", at, factor.id)
        + is_any_of("code_hash", code_hashes)
        + " RETURNING id"
    )
    return bool(used)


async def reseal(factor: FactorRow, sealed: str, *, of_key: str) -> bool:
    """Replace the encrypted secret of `factor`. Return False if the stored secret is no longer the secret in `factor`.

    `of_key` is the name of the key of the old secret. Digests of recovery codes without a key name get this name,
    because one key created the secret and its codes.
    """
    replaced = await write(
        sql(
            "UPDATE second_factor SET sealed_secret = ? WHERE id = ? AND sealed_secret = ? RETURNING id",
            sealed,
            factor.id,
            factor.sealed_secret,
        )
    )
    if replaced and KEY_SEPARATOR not in factor.sealed_secret:
        statement = "UPDATE recovery_code SET code_hash = CAST(? AS TEXT) || code_hash WHERE factor_id = ? AND "
        await write(sql(statement, of_key + KEY_SEPARATOR, factor.id) + _NAMES_NO_KEY)
    return bool(replaced)


async def batch_behind(factor_id: UUID, limit: int) -> list[FactorRow]:
    """Return up to `limit` second factors that have a secret and an id greater than `factor_id`, in id order."""
    query = f"SELECT {FACTOR.columns} FROM second_factor f WHERE {_IS_SEALED} AND " + sql(
        "f.id > ? ORDER BY f.id LIMIT ?", factor_id, limit
    )
    return FACTOR.read(await fetch(query))


async def nameless_behind(factor_id: UUID, limit: int) -> list[FactorRow]:
    """Return up to `limit` second factors, in id order, with an id above `factor_id` and a secret without a key name."""
    query = f"SELECT {FACTOR.columns} FROM second_factor f WHERE {_IS_SEALED} AND f.id > " + sql(
        "? AND substr(f.sealed_secret, ?, 1) <> ? ORDER BY f.id LIMIT ?",
        factor_id,
        KEY_NAME_LENGTH + 1,
        KEY_SEPARATOR,
        limit,
    )
    return FACTOR.read(await fetch(query))


async def count_nameless_codes(factor_ids: Sequence[UUID]) -> int:
    """Return the number of unused recovery codes of these second factors whose digest names no key."""
    unused = "SELECT COUNT(*) FROM recovery_code WHERE used_at IS NULL AND " + _NAMES_NO_KEY + " AND "
    return int(cells_of((await fetch(unused + is_any_of("factor_id", factor_ids)))[0])[0])


async def number() -> int:
    """Return the number of second factors that have a secret, confirmed or not."""
    return int(cells_of((await fetch(Sql(f"SELECT COUNT(*) FROM second_factor f WHERE {_IS_SEALED}")))[0])[0])


async def count_by_key() -> dict[str | None, int]:
    """Return the number of secrets by the name of the encryption key. None stands for secrets that name no key."""
    return await _counted("second_factor", "sealed_secret", Sql("sealed_secret <> ''"))


async def count_codes_by_key() -> dict[str | None, int]:
    """Return the number of unused recovery codes with a keyed digest, by key. None stands for digests that name no key."""
    keyed = sql("code_hash NOT LIKE ? AND used_at IS NULL", f"{PLAIN}%")
    return await _counted("recovery_code", "code_hash", keyed)


async def has_codes_of_other_keys(factor: FactorRow, names: Sequence[str]) -> bool:
    """Return whether an unused recovery code of the factor names a key that is not in `names`."""
    return await _has_code(factor, _NAMES_A_KEY + " AND NOT (" + is_any_of(_name_in("code_hash"), names) + ")")


async def has_codes_without_key_name(factor: FactorRow) -> bool:
    """Return whether an unused recovery code of the factor has a keyed digest that names no key."""
    return await _has_code(factor, _NAMES_NO_KEY)


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


async def _counted(table: str, column: str, which: Sql) -> dict[str | None, int]:
    named = f"substr({column}, {KEY_NAME_LENGTH + 1}, 1) = '{KEY_SEPARATOR}'"
    name = f"CASE WHEN {named} THEN {_name_in(column)} END"
    rows = await fetch(f"SELECT {name}, COUNT(*) FROM {table} WHERE " + which + " GROUP BY 1")
    return {found: int(count) for found, count in map(cells_of, rows)}


def _name_in(column: str) -> str:
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
