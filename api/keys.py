"""The keys that sign and verify access tokens, all of them derived from the secret key."""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Sequence

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SHORTEST_SECRET_BYTES = 32
_SIGNATURES = "access token signature, Ed25519"


def derive(secret: bytes, purpose: str) -> bytes:
    """32 bytes for this purpose alone (HKDF-SHA256): they tell nothing about the secret or another purpose's bytes."""
    if len(secret) < SHORTEST_SECRET_BYTES:
        raise ValueError(f"the secret must be at least {SHORTEST_SECRET_BYTES} bytes long")
    if not purpose:
        raise ValueError("a derived key needs a purpose")
    return HKDF(hashes.SHA256(), length=32, salt=None, info=f"gatehouse: {purpose}".encode()).derive(secret)


class SigningKeys:
    """One key that signs, and every key whose signatures are still good: that one and the previous secrets' keys."""

    def __init__(self, current: bytes, previous: Sequence[bytes] = ()) -> None:
        self.private_key = _private_key(current)
        self.kid = thumbprint(self.private_key.public_key())
        public_keys = [_private_key(secret).public_key() for secret in (current, *previous)]
        self._public_keys = {thumbprint(key): key for key in public_keys}

    def public_key(self, kid: str) -> Ed25519PublicKey | None:
        """The configured key of this name, None when there is none."""
        return self._public_keys.get(kid)

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """The public keys as a JWK set (RFC 7517), the signing one first."""
        return {
            "keys": [
                {**_public_members(key), "kid": kid, "use": "sig", "alg": "EdDSA"}
                for kid, key in self._public_keys.items()
            ]
        }


def thumbprint(key: Ed25519PublicKey) -> str:
    """The key's name (RFC 7638): the same wherever it is computed, so that no table of names is needed."""
    canonical = json.dumps(_public_members(key), sort_keys=True, separators=(",", ":"))
    return _base64url(hashlib.sha256(canonical.encode()).digest())


def _private_key(secret: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(derive(secret, _SIGNATURES))


def _public_members(key: Ed25519PublicKey) -> dict[str, str]:
    return {"kty": "OKP", "crv": "Ed25519", "x": _base64url(key.public_bytes_raw())}


def _base64url(octets: bytes) -> str:
    return urlsafe_b64encode(octets).rstrip(b"=").decode()
