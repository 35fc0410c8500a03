"""Keys for one purpose each, derived from the secret keys: for example, to sign access tokens."""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from api.core.limits import SHORTEST_SECRET_BYTES

_SIGNATURES = "access token signature, Ed25519"
_CHECKPOINTS = "audit checkpoint signature, Ed25519"


def derive(secret: bytes, purpose: str) -> bytes:
    """Return the 32-byte key for `purpose`, derived from `secret` by HKDF-SHA256.

    A derived key reveals neither the secret nor the key of another purpose. Raise ValueError if `secret` is shorter than
    SHORTEST_SECRET_BYTES, or if `purpose` is empty.
    """
    if len(secret) < SHORTEST_SECRET_BYTES:
        raise ValueError(f"the secret must be at least {SHORTEST_SECRET_BYTES} bytes long")
    if not purpose:
        raise ValueError("a derived key needs a purpose")
    return HKDF(hashes.SHA256(), length=32, salt=None, info=f"gatehouse: {purpose}".encode()).derive(secret)


class SigningKeys:
    """The key that signs access tokens, and all keys whose signatures are accepted.

    The keys are derived from `secrets`. The first key signs, and all keys verify.
    """

    def __init__(self, secrets: Sequence[bytes]) -> None:
        private_keys = [_private_key(secret, _SIGNATURES) for secret in secrets]
        self.private_key = private_keys[0]
        self.kid = thumbprint(self.private_key.public_key())
        self._public_keys = {thumbprint(key.public_key()): key.public_key() for key in private_keys}

    def public_key(self, kid: str) -> Ed25519PublicKey | None:
        """Return the public key with the name `kid`, or None if no key has that name."""
        return self._public_keys.get(kid)

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """Return the public keys as a JWK set (RFC 7517). The signing key is the first."""
        return {
            "keys": [
                {**_public_members(key), "kid": kid, "use": "sig", "alg": "EdDSA"}
                for kid, key in self._public_keys.items()
            ]
        }


class CheckpointKeys:
    """The keys that sign checkpoints of the audit log, derived from `secrets`. The first key signs.

    The name of a key is its public key, in base64url. A checkpoint can therefore be verified without Gatehouse.
    """

    def __init__(self, secrets: Sequence[bytes]) -> None:
        private_keys = [_private_key(secret, _CHECKPOINTS) for secret in secrets]
        self._private_key = private_keys[0]
        names = [_base64url(key.public_key().public_bytes_raw()) for key in private_keys]
        self.current, self._names = names[0], frozenset(names)

    def sign(self, text: str) -> str:
        """Return the signature of the text by the current key, in base64url."""
        return _base64url(self._private_key.sign(text.encode()))

    def knows(self, key: str) -> bool:
        """Return whether the key is derived from one of `secrets`."""
        return key in self._names

    def is_valid(self, key: str, text: str, signature: str) -> bool:
        """Return whether `signature` is a signature of the text by the key with the name `key`.

        The name is the public key itself, so the check needs no key of this server.
        """
        try:
            Ed25519PublicKey.from_public_bytes(_octets(key)).verify(_octets(signature), text.encode())
        except (InvalidSignature, ValueError):
            return False
        return True


def thumbprint(key: Ed25519PublicKey) -> str:
    """Return the thumbprint of the key (RFC 7638). The thumbprint names the key in tokens and in the JWK set."""
    canonical = json.dumps(_public_members(key), sort_keys=True, separators=(",", ":"))
    return _base64url(hashlib.sha256(canonical.encode()).digest())


def _private_key(secret: bytes, purpose: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(derive(secret, purpose))


def _public_members(key: Ed25519PublicKey) -> dict[str, str]:
    return {"kty": "OKP", "crv": "Ed25519", "x": _base64url(key.public_bytes_raw())}


def _base64url(octets: bytes) -> str:
    return urlsafe_b64encode(octets).rstrip(b"=").decode()


def _octets(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
