"""Rotation of the encryption key: seal all secrets under the current key, and count the secrets of earlier keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from models.auth import second_factor_keys
from models.auth.second_factors import FactorRow
from rules.security_events import SecurityEvent
from services.ports import Encryption, UnknownKey
from services.runtime import Runtime

BATCH = 200
"""The maximum number of second factors in one transaction."""

FIRST = UUID(int=0)

Progress = Callable[[int, int], None]
"""A callback that receives the number of processed second factors and the total number of second factors."""


@dataclass(frozen=True, slots=True)
class SecretCounts:
    """How many secrets are not stored with the name of the current key, in four groups.

    - `waiting`: second factors that a configured key opens. A rotation can seal them under the current key.
    - `old_codes`: unused recovery codes that were hashed with a configured key.
    - `unopened`: second factors that no configured key opens.
    - `unusable_codes`: unused recovery codes that were hashed with a key that is not configured.

    If `waiting` and `old_codes` are 0, the operator can remove the earlier keys.
    """

    unopened: int = 0
    unusable_codes: int = 0
    waiting: int = 0
    old_codes: int = 0


@dataclass(frozen=True, slots=True)
class RotationResult:
    """The result of a rotation: the number of second factors that were sealed again, and the counts afterwards."""

    resealed: int
    counts: SecretCounts


async def rotate(
    runtime: Runtime, encryption: Encryption, progress: Progress = lambda done, total: None, *, batch: int = BATCH
) -> RotationResult:
    """Seal every second factor under the current key, and return the result.

    Each batch of `batch` second factors is one transaction. A rotation can be interrupted, repeated, and run by several
    processes at once. A second factor that no configured key opens stays unchanged.
    """
    total, done, resealed, behind = await second_factor_keys.count_secrets(), 0, 0, FIRST
    while factors := await second_factor_keys.factors_after(behind, batch):
        resealed += await runtime.transactions.run(partial(_reseal, encryption, factors))
        done, behind = done + len(factors), factors[-1].id
        progress(done, max(done, total))
    if resealed:
        runtime.security.note(SecurityEvent.KEYS_CHANGED, what=f"resealed:{resealed}")
    return RotationResult(resealed, await count_secrets(encryption))


async def count_secrets(encryption: Encryption) -> SecretCounts:
    """Count the secrets that do not use the current key. Nothing is written.

    Secrets of earlier versions do not name their key. The function opens these secrets to see if a configured key fits.
    """
    current, *others = encryption.names
    by_key, codes = await second_factor_keys.count_by_key(), await second_factor_keys.count_codes_by_key()
    nameless_opened, nameless_unopened, nameless_unusable = 0, 0, 0
    if by_key.get(None):
        nameless_opened, nameless_unopened, nameless_unusable = await _count_nameless(encryption)
    unknown_codes = sum(count for name, count in codes.items() if name not in (None, *encryption.names))
    return SecretCounts(
        unopened=nameless_unopened + sum(n for name, n in by_key.items() if name not in (None, *encryption.names)),
        unusable_codes=unknown_codes + nameless_unusable,
        waiting=nameless_opened + sum(by_key.get(name, 0) for name in others),
        old_codes=sum(codes.values()) - unknown_codes - nameless_unusable - codes.get(current, 0),
    )


async def _reseal(encryption: Encryption, factors: list[FactorRow]) -> int:
    resealed = 0
    for factor in factors:
        try:
            opened = encryption.open(factor.sealed_secret, factor.id)
        except UnknownKey:
            continue
        if not opened.is_current:
            sealed = encryption.seal(opened.plain, factor.id)
            resealed += await second_factor_keys.reseal(factor, sealed, of_key=opened.key_name)
    return resealed


async def _count_nameless(encryption: Encryption) -> tuple[int, int, int]:
    """Open the second factors that name no key, and return three numbers:

    - the factors that a configured key opens
    - the factors that no configured key opens
    - the unused recovery codes of the factors that no configured key opens
    """
    opened, unopened, behind = 0, list[UUID](), FIRST
    while factors := await second_factor_keys.factors_without_key_name(behind, BATCH):
        for factor in factors:
            try:
                encryption.open(factor.sealed_secret, factor.id)
            except UnknownKey:
                unopened.append(factor.id)
            else:
                opened += 1
        behind = factors[-1].id
    return opened, len(unopened), await second_factor_keys.count_nameless_codes(unopened)
