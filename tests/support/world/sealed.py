"""Second factors in the form in which early versions stored them, before sealed texts contained the name of a key."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import SecretStr

from api.security.keys import derive
from models.tables import RecoveryCode, SecondFactor
from services.auth import recovery_codes

NONCE = b"twelve bytes"


async def as_an_earlier_version_sealed(enrollment: Any, key: SecretStr) -> None:
    """Rewrite the rows of a second factor as an earlier version stored them.

    The sealed text then has no key name, and the recovery codes are keyed digests.
    """
    secret, plain = key.get_secret_value().encode(), enrollment["secret"].encode()
    hashes: dict[str, str] = {}
    for factor in await SecondFactor.all():
        hashes = {recovery_codes.stored_digest(factor.id, code): code for code in enrollment["recoveryCodes"]}
        rows = await RecoveryCode.filter(factor_id=factor.id, code_hash__in=list(hashes))
        if not rows:
            continue
        sealed = NONCE + AESGCM(derive(secret, "seals")).encrypt(NONCE, plain, factor.id.bytes)
        await SecondFactor.filter(id=factor.id).update(sealed_secret=urlsafe_b64encode(sealed).decode())
        for row in rows:
            parts = ("recovery", str(factor.id), hashes[row.code_hash].replace("-", ""))
            message = "\n".join(f"{len(part)}:{part}" for part in parts).encode()
            digest = hmac.digest(derive(secret, "digests"), message, sha256).hex()
            await RecoveryCode.filter(id=row.id).update(code_hash=digest)
