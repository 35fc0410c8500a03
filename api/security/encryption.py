"""Encryption of stored secrets (AES-256-GCM), and digests of values that are only looked up.

A sealed text is `name.base64`: the key's name, a dot, and the base64 of nonce and ciphertext. Texts of earlier versions
have no name. `open` tries every key for them.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from api.security.keys import derive
from models.auth.second_factors import KEY_NAME_LENGTH, KEY_SEPARATOR
from services.ports import OpenedSecret, UnknownKey

_NONCE_BYTES = 12


class _Key(NamedTuple):
    name: str
    cipher: AESGCM
    digests: bytes


class AesEncryption:
    """Implements the protocol `Encryption`. To seal is to encrypt, and to open is to decrypt, by AES-256-GCM.

    One key is derived from each of `secrets`. The first key seals, and all keys open. `random(n)` returns `n`
    unpredictable bytes.
    """

    def __init__(self, secrets: Sequence[bytes], random: Callable[[int], bytes]) -> None:
        self._keys = [_key(secret) for secret in secrets]
        self._random = random

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all keys, in the order of `secrets`. The first name is that of the key that encrypts."""
        return tuple(key.name for key in self._keys)

    def seal(self, plain: bytes, about: UUID) -> str:
        """Return the sealed text of `plain`.

        `about` is the id of the row that stores the text. The text opens only with this id, so a copy in another row is
        useless.
        """
        key, nonce = self._keys[0], self._random(_NONCE_BYTES)
        return f"{key.name}{KEY_SEPARATOR}{urlsafe_b64encode(nonce + key.cipher.encrypt(nonce, plain, about.bytes)).decode()}"

    def open(self, sealed: str, about: UUID) -> OpenedSecret:
        """Open the text `sealed`, which belongs to the row with the id `about`.

        Return the plain text, the name of the key that sealed it, and whether the text names the current key. Raise
        UnknownKey if no key opens the text for this row.
        """
        name, _, text = sealed.rpartition(KEY_SEPARATOR)
        try:
            octets = urlsafe_b64decode(text)
        except ValueError:  # not base64
            raise UnknownKey(name or None) from None
        for key in self._keys:
            if name not in ("", key.name):
                continue
            try:
                plain = key.cipher.decrypt(octets[:_NONCE_BYTES], octets[_NONCE_BYTES:], about.bytes)
            except (InvalidTag, ValueError):  # ValueError: the text is too short to hold a nonce
                continue
            return OpenedSecret(plain, key.name, is_current=name == self._keys[0].name)
        raise UnknownKey(name or None)

    def digest(self, *parts: str) -> str:
        """Return the HMAC-SHA256 of `parts` under the first key, in hexadecimal."""
        return _digest(self._keys[0], parts)

    def digests(self, *parts: str) -> Iterator[str]:
        """Yield the HMAC-SHA256 of `parts` under each key, in hexadecimal, first key first."""
        for key in self._keys:
            yield _digest(key, parts)


def _key(secret: bytes) -> _Key:
    # The name is derived so that it does not reveal the key. The derivation must not change: stored texts hold the name.
    name = derive(secret, "name of the key that seals").hex()[:KEY_NAME_LENGTH]
    return _Key(name, AESGCM(derive(secret, "seals")), derive(secret, "digests"))


def _digest(key: _Key, parts: Sequence[str]) -> str:
    message = "\n".join(f"{len(part)}:{part}" for part in parts).encode("utf-8", "surrogatepass")
    return hmac.digest(key.digests, message, sha256).hex()
