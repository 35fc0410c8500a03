"""The contents of an issued access token, and the verification by other services."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import jwt

from api.security.access_tokens import AccessTokens, Claims
from tests.api.security.access_tokens.signing import (
    ACCOUNT,
    CLAIMS,
    HEADER,
    KEYS,
    MINUTES_15,
    NOW,
    SESSION,
    TOKEN,
    signed,
)


def test_an_issued_token_says_who_is_asking(tokens: AccessTokens) -> None:
    issued = tokens.issue(ACCOUNT, SESSION, NOW, TOKEN)

    claims = tokens.verify(issued.text, NOW)

    assert claims == Claims(ACCOUNT, SESSION, TOKEN, expires_at=NOW + MINUTES_15)
    assert issued.expires_in_seconds == 900


def test_a_token_has_exactly_the_agreed_header_and_claims(tokens: AccessTokens) -> None:
    issued = tokens.issue(ACCOUNT, SESSION, NOW + timedelta(milliseconds=999), TOKEN)

    decoded = jwt.decode_complete(issued.text, options={"verify_signature": False})

    assert decoded["header"] == HEADER
    assert decoded["payload"] == CLAIMS


def test_other_programs_can_verify_a_token_with_the_published_keys(tokens: AccessTokens) -> None:
    issued = tokens.issue(ACCOUNT, SESSION, datetime.now(UTC), TOKEN)

    published = jwt.PyJWKSet.from_dict(dict(KEYS.jwks()))
    payload = jwt.decode(issued.text, published[KEYS.kid], algorithms=["EdDSA"], audience="gatehouse-api")

    assert payload["sub"] == str(ACCOUNT)


def test_the_hand_made_tokens_of_these_tests_are_valid_unless_changed(tokens: AccessTokens) -> None:
    assert tokens.verify(signed(), NOW).account_id == ACCOUNT
