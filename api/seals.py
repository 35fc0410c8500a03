"""Secrets that must be read again are stored sealed: AES-256-GCM under a key derived from the server's secret."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from api.keys import derive

_NONCE_BYTES = 12


class SealingKeys:
    """Seals with the current secret; opens what any secret sealed that the server still knows."""

    def __init__(self, secret: bytes, previous: Sequence[bytes], random: Callable[[int], bytes]) -> None:
        self._ciphers = [AESGCM(derive(each, "seals")) for each in (secret, *previous)]
        self._digest_keys = [derive(each, "digests") for each in (secret, *previous)]
        self._random = random

    def seal(self, plain: bytes, about: UUID) -> str:
        """The secret as it may be stored: it opens as that row's only, so rows cannot be exchanged."""
        nonce = self._random(_NONCE_BYTES)
        return urlsafe_b64encode(nonce + self._ciphers[0].encrypt(nonce, plain, about.bytes)).decode()

    def open(self, sealed: str, about: UUID) -> bytes:
        """What was sealed; ValueError where no known secret sealed it for that row."""
        octets = urlsafe_b64decode(sealed)
        for cipher in self._ciphers:
            try:
                return cipher.decrypt(octets[:_NONCE_BYTES], octets[_NONCE_BYTES:], about.bytes)
            except InvalidTag:
                continue
        raise ValueError("sealed by another server, or for another row")

    def digest(self, *parts: str) -> str:
        """HMAC-SHA256 in hex: the same for the same parts, and nothing to be read in it."""
        return next(self.digests(*parts))

    def digests(self, *parts: str) -> Iterator[str]:
        """The same with the previous secrets too, newest first: what was kept before a change of key is still found."""
        message = "\n".join(f"{len(part)}:{part}" for part in parts).encode("utf-8", "surrogatepass")
        for key in self._digest_keys:
            yield hmac.digest(key, message, sha256).hex()
