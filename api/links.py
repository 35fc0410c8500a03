"""The secrets in links: derived when they are needed, never stored."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from hashlib import sha256
from uuid import UUID

from api.keys import derive


class LinkTokens:
    """Derives a link's token by HMAC-SHA256 from the server's secret, the purpose, the row and its nonce."""

    def __init__(self, secret: bytes) -> None:
        self._key = derive(secret, "links")

    def token(self, purpose: str, id: UUID, nonce: str) -> str:
        """43 characters of base64url, 256 bit; the same for the same row, so that a mail can be sent again."""
        message = "\n".join((purpose, str(id), nonce)).encode()
        return urlsafe_b64encode(hmac.digest(self._key, message, sha256)).decode().rstrip("=")
