"""The secret tokens of links and sessions. A token is derived when it is needed, and is never stored."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Sequence
from hashlib import sha256
from uuid import UUID

from api.security.keys import derive


class LinkTokens:
    """Derives the token of a link or session from its row by HMAC-SHA256.

    Tokens depend on a secret, the purpose, the row's id and its nonce. The first of `secrets` makes new tokens. Tokens
    of the other secrets are still accepted.
    """

    def __init__(self, secrets: Sequence[bytes]) -> None:
        self._keys = [derive(each, "links") for each in secrets]

    def token(self, purpose: str, row_id: UUID, nonce: str) -> str:
        """Return the token under the first key: 43 characters of base64url (256 bits).

        Equal arguments give equal tokens, so that a mail that is sent again has the same link.
        """
        return _token(self._keys[0], purpose, row_id, nonce)

    def tokens(self, purpose: str, row_id: UUID, nonce: str) -> Iterator[str]:
        """Yield the token under each key, beginning with the first key."""
        for key in self._keys:
            yield _token(key, purpose, row_id, nonce)


def _token(key: bytes, purpose: str, row_id: UUID, nonce: str) -> str:
    message = "\n".join((purpose, str(row_id), nonce)).encode()
    return urlsafe_b64encode(hmac.digest(key, message, sha256)).decode().rstrip("=")
