"""The secrets in links: derived when they are needed, never stored."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Sequence
from hashlib import sha256
from uuid import UUID

from api.keys import derive


class LinkTokens:
    """Derives a link's token by HMAC-SHA256 from the server's secret, the purpose, the row and its nonce."""

    def __init__(self, secret: bytes, previous: Sequence[bytes] = ()) -> None:
        self._keys = [derive(each, "links") for each in (secret, *previous)]

    def token(self, purpose: str, id: UUID, nonce: str) -> str:
        """43 characters of base64url, 256 bit; the same for the same row, so that a mail can be sent again."""
        return next(self.tokens(purpose, id, nonce))

    def tokens(self, purpose: str, id: UUID, nonce: str) -> Iterator[str]:
        """The same with the previous secrets too, newest first: a link made before a change of key is still known."""
        message = "\n".join((purpose, str(id), nonce)).encode()
        for key in self._keys:
            yield urlsafe_b64encode(hmac.digest(key, message, sha256)).decode().rstrip("=")
