"""Recovery codes: their format and their stored digests.

A code has 80 random bits, so it cannot be found from its SHA-256 digest. The digest needs no key, and so it outlives a
key rotation. Earlier versions stored HMACs, which need a key of the server. A key rotation stores the name of this key
with the HMACs.
"""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Sequence
from hashlib import sha256
from uuid import UUID

from models.auth import second_factors
from models.auth.second_factors import FactorRow, RecoveryRow
from rules.auth import codes as code_texts
from services.ports import Encryption, UnknownKey
from services.runtime import Runtime

CODES = 10
CODE_BYTES = 10
"""The number of random bytes in a code: 80 bits."""


def new(runtime: Runtime) -> tuple[str, ...]:
    """Return ten new codes. A code has 16 letters and digits in groups of four, without 0, 1, 8 and 9."""
    return tuple(_spelled(runtime.secret(CODE_BYTES)) for _ in range(CODES))


def rows(runtime: Runtime, factor_id: UUID, codes: Sequence[str]) -> list[RecoveryRow]:
    """Return the rows that store the codes of the second factor."""
    return [RecoveryRow(runtime.new_id(), factor_id, stored_digest(factor_id, code), None) for code in codes]


def stored_digest(factor_id: UUID, code: str) -> str:
    """Return the digest that the database stores for a recovery code of the second factor."""
    return f"{second_factors.PLAIN}{sha256(f'{factor_id} {code_texts.parse(code)}'.encode('utf-8', 'surrogatepass')).hexdigest()}"


def candidates(encryption: Encryption, factor_id: UUID, code: str) -> list[str]:
    """Return all digests under which the recovery code can be stored.

    The first digest has the current format, which needs no key. The others have the two formats of earlier versions:
    for each key of `encryption`, the HMAC alone, and the HMAC after the key's name and a dot.
    """
    keyed = list(encryption.digests("recovery", str(factor_id), code_texts.parse(code)))
    return [
        stored_digest(factor_id, code),
        *keyed,
        *(f"{name}.{digest}" for name, digest in zip(encryption.names, keyed, strict=True)),
    ]


async def has_codes_of_unknown_key(encryption: Encryption, factor: FactorRow) -> bool:
    """Return whether an unused recovery code of the factor cannot be checked, because its key is not configured."""
    if await second_factors.has_codes_of_other_keys(factor, encryption.names):
        return True
    if not await second_factors.has_codes_without_key_name(factor):
        return False
    try:
        encryption.open(factor.sealed_secret, factor.id)  # the key of the secret is also the key of the codes
    except UnknownKey:
        return True
    return False


def _spelled(octets: bytes) -> str:
    text = b32encode(octets).decode().lower()
    return "-".join(text[i : i + 4] for i in range(0, len(text), 4))
