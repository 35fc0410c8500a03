"""Count how many secrets and recovery codes each key of the server protects, and store re-encrypted secrets."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from models.auth.second_factors import (
    FACTOR,
    IS_SEALED,
    KEY_NAME_LENGTH,
    KEY_SEPARATOR,
    NAMES_NO_KEY,
    PLAIN,
    FactorRow,
    key_name_in,
)
from models.db.dialect import is_any_of
from models.db.rows import cells_of
from models.db.sql import Sql, fetch, sql, write


async def factors_after(factor_id: UUID, limit: int) -> list[FactorRow]:
    """Return up to `limit` second factors that have a secret and an id greater than `factor_id`, in id order."""
    query = f"SELECT {FACTOR.columns} FROM second_factor f WHERE {IS_SEALED} AND " + sql(
        "f.id > ? ORDER BY f.id LIMIT ?", factor_id, limit
    )
    return FACTOR.read(await fetch(query))


async def factors_without_key_name(factor_id: UUID, limit: int) -> list[FactorRow]:
    """Return up to `limit` second factors whose secret does not name its key, in id order.

    Only ids above `factor_id` are returned.
    """
    query = f"SELECT {FACTOR.columns} FROM second_factor f WHERE {IS_SEALED} AND f.id > " + sql(
        "? AND substr(f.sealed_secret, ?, 1) <> ? ORDER BY f.id LIMIT ?",
        factor_id,
        KEY_NAME_LENGTH + 1,
        KEY_SEPARATOR,
        limit,
    )
    return FACTOR.read(await fetch(query))


async def count_secrets() -> int:
    """Return the number of second factors that have a secret, confirmed or not."""
    return int(cells_of((await fetch(Sql(f"SELECT COUNT(*) FROM second_factor f WHERE {IS_SEALED}")))[0])[0])


async def count_by_key() -> dict[str | None, int]:
    """Return how many secrets each encryption key has encrypted, such as `{"2025": 40, None: 2}`.

    `None` is the entry for the secrets that earlier versions stored without the name of their key.
    """
    return await _counted("second_factor", "sealed_secret", Sql("sealed_secret <> ''"))


async def count_codes_by_key() -> dict[str | None, int]:
    """Return how many unused recovery codes were hashed with each key, such as `{"2025": 40, None: 2}`.

    `None` is the entry for the codes that earlier versions stored without the name of their key. Codes that were hashed
    without a key are left out.
    """
    keyed = sql("code_hash NOT LIKE ? AND used_at IS NULL", f"{PLAIN}%")
    return await _counted("recovery_code", "code_hash", keyed)


async def count_nameless_codes(factor_ids: Sequence[UUID]) -> int:
    """Return how many unused recovery codes of these factors were hashed with a key, but do not name the key."""
    unused = "SELECT COUNT(*) FROM recovery_code WHERE used_at IS NULL AND " + NAMES_NO_KEY + " AND "
    return int(cells_of((await fetch(unused + is_any_of("factor_id", factor_ids)))[0])[0])


async def reseal(factor: FactorRow, sealed: str, *, of_key: str) -> bool:
    """Replace the encrypted secret of `factor` by `sealed`. Return False if another secret was stored meanwhile.

    `of_key` is the name of the key that encrypted the old secret. If the old secret does not name its key, `of_key` is
    also added to the factor's recovery codes that do not name their key.
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
        await write(sql(statement, of_key + KEY_SEPARATOR, factor.id) + NAMES_NO_KEY)
    return bool(replaced)


async def _counted(table: str, column: str, which: Sql) -> dict[str | None, int]:
    named = f"substr({column}, {KEY_NAME_LENGTH + 1}, 1) = '{KEY_SEPARATOR}'"
    name = f"CASE WHEN {named} THEN {key_name_in(column)} END"
    rows = await fetch(f"SELECT {name}, COUNT(*) FROM {table} WHERE " + which + " GROUP BY 1")
    return {found: int(count) for found, count in map(cells_of, rows)}
