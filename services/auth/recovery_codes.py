"""Recovery codes: how they are spelled, and what is stored of them.

A code has 80 random bits, so a plain SHA-256 of it cannot be searched, and a change of keys does not touch it. Codes of
earlier versions are stored as keyed digests; these say which key they need once their second factor is sealed again.
"""

from __future__ import annotations

from base64 import b32encode
from hashlib import sha256
from uuid import UUID

from models.auth import second_factors
from models.auth.second_factors import FactorRow
from rules.auth import codes
from services.ports import Encryption, UnknownKey
from services.runtime import Runtime

CODES = 10
CODE_BYTES = 10
"""80 bits."""


def new(runtime: Runtime) -> tuple[str, ...]:
    """Return ten new codes: sixteen letters and digits each, in groups of four, without those that look alike."""
    return tuple(_spelled(runtime.secret(CODE_BYTES)) for _ in range(CODES))


def stored(factor_id: UUID, code: str) -> str:
    """Return what is stored of a second factor's code."""
    return f"{second_factors.PLAIN}{sha256(f'{factor_id} {codes.parse(code)}'.encode('utf-8', 'surrogatepass')).hexdigest()}"


def candidates(encryption: Encryption, factor_id: UUID, code: str) -> list[str]:
    """Return everything that may be stored of a code: its plain digest, and what earlier versions stored by a known key."""
    keyed = list(encryption.digests("recovery", str(factor_id), codes.parse(code)))
    return [
        stored(factor_id, code),
        *keyed,
        *(f"{name}.{digest}" for name, digest in zip(encryption.names, keyed, strict=True)),
    ]


async def need_unknown_key(encryption: Encryption, factor: FactorRow) -> bool:
    """Return whether unused codes of the second factor are digests under an unknown key."""
    if await second_factors.has_codes_of_other_keys(factor, encryption.names):
        return True
    if not await second_factors.has_codes_without_key_name(factor):
        return False
    try:
        encryption.open(factor.sealed_secret, factor.id)  # the same key made both
    except UnknownKey:
        return True
    return False


def _spelled(octets: bytes) -> str:
    text = b32encode(octets).decode().lower()
    return "-".join(text[i : i + 4] for i in range(0, len(text), 4))
