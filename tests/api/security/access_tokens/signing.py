"""Access tokens of every kind, signed by hand, for the tests that verify them."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from api.security.access_tokens import AccessTokens
from api.security.keys import SigningKeys
from rules.refusals import Code, Refusal

NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)

SECOND = timedelta(seconds=1)

MINUTES_15 = timedelta(minutes=15)

ACCOUNT = UUID("01941f29-7c00-7aaa-8aaa-aaaaaaaaaaaa")

SESSION = UUID("01941f29-7c00-7bbb-8bbb-bbbbbbbbbbbb")

TOKEN = UUID("01941f29-7c00-7ccc-8ccc-cccccccccccc")

KEYS = SigningKeys([b"k" * 32])

STRANGERS_KEYS = SigningKeys([b"s" * 32])

HEADER = {"alg": "EdDSA", "kid": KEYS.kid, "typ": "at+jwt"}

START = int(NOW.timestamp())

CLAIMS = {
    "exp": START + 900,
    "iat": START,
    "nbf": START,
    "iss": "gatehouse",
    "aud": "gatehouse-api",
    "sub": str(ACCOUNT),
    "sid": str(SESSION),
    "jti": str(TOKEN),
}


def access_tokens(keys: SigningKeys = KEYS, **given: Any) -> AccessTokens:
    return AccessTokens(keys, **{"issuer": "gatehouse", "audience": "gatehouse-api", "lifetime": MINUTES_15, **given})


def base64url(octets: bytes) -> str:
    return urlsafe_b64encode(octets).rstrip(b"=").decode()


def signed(header: object = HEADER, payload: object = CLAIMS, keys: SigningKeys = KEYS) -> str:
    """Return a token with any header and payload, and a valid signature. A text is used unchanged, even if it is not
    JSON.
    """
    parts = [each if isinstance(each, str) else json.dumps(each) for each in (header, payload)]
    signing_input = ".".join(base64url(part.encode("utf-8", "surrogatepass")) for part in parts)
    return f"{signing_input}.{base64url(keys.private_key.sign(signing_input.encode()))}"


def with_claims(**changed: object) -> str:
    return signed(payload={**CLAIMS, **changed})


def refused(tokens: AccessTokens, text: Any, now: datetime = NOW) -> str:
    """Verify a token that must be refused with UNAUTHENTICATED. Return the message of the refusal."""
    with pytest.raises(Refusal) as refusal:
        tokens.verify(text, now)
    assert refusal.value.code is Code.UNAUTHENTICATED
    return refusal.value.message
