"""The secrets in links: derived when they are needed, never stored."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Sequence
from hashlib import sha256
from uuid import UUID

from api.security.keys import derive


class LinkTokens:
    """Derives a link's token by HMAC-SHA256 from a secret key, the purpose, the row and its nonce.

    `secrets` are the secret keys: the one for new links first, then those under which links may have been made.
    """

    def __init__(self, secrets: Sequence[bytes]) -> None:
        self._keys = [derive(each, "links") for each in secrets]

    def token(self, purpose: str, id: UUID, nonce: str) -> str:
        """43 characters of base64url, 256 bit; the same for the same row, so that a mail can be sent again."""
        return _token(self._keys[0], purpose, id, nonce)

    def tokens(self, purpose: str, id: UUID, nonce: str) -> Iterator[str]:
        """The token under each secret key, the one for new links first."""
        for key in self._keys:
            yield _token(key, purpose, id, nonce)


def _token(key: bytes, purpose: str, id: UUID, nonce: str) -> str:
    message = "\n".join((purpose, str(id), nonce)).encode()
    return urlsafe_b64encode(hmac.digest(key, message, sha256)).decode().rstrip("=")
