"""The header of an access token, and of the HTTP request that carries it."""

from __future__ import annotations

import pytest

from api.security.access_tokens import AccessTokens
from api.security.keys import SigningKeys
from tests.api.security.access_tokens.signing import (
    ACCOUNT,
    HEADER,
    KEYS,
    NOW,
    SESSION,
    START,
    STRANGERS_KEYS,
    TOKEN,
    access_tokens,
    refused,
    signed,
)


@pytest.mark.parametrize("kind", ["JWT", "at+JWT", "application/at+jwt", "rt+jwt", "id+jwt", "", None, 7])
def test_a_token_of_another_type_is_refused(tokens: AccessTokens, kind: object) -> None:
    assert refused(tokens, signed({**HEADER, "typ": kind}))


def test_a_token_without_a_type_is_refused(tokens: AccessTokens) -> None:
    assert refused(tokens, signed({"alg": "EdDSA", "kid": KEYS.kid}))


@pytest.mark.parametrize("kid", ["", "unknown", STRANGERS_KEYS.kid, "../secret_key", "' OR 1=1", None, 7, [], {}])
def test_only_a_configured_key_is_taken(tokens: AccessTokens, kid: object) -> None:
    assert refused(tokens, signed({**HEADER, "kid": kid}))
    assert refused(tokens, signed({**HEADER, "kid": kid}, keys=STRANGERS_KEYS))


def test_a_token_without_a_key_name_is_refused(tokens: AccessTokens) -> None:
    assert refused(tokens, signed({"alg": "EdDSA", "typ": "at+jwt"}))


@pytest.mark.parametrize(
    "extra",
    [
        {"crit": ["exp"], "exp": START},
        {"crit": []},
        {"crit": ["b64"], "b64": True},
        {"crit": ["b64"], "b64": False},
        {"b64": False},
        {"jwk": STRANGERS_KEYS.jwks()["keys"][0]},
        {"jku": "https://stranger.example/jwks.json"},
        {"x5u": "https://stranger.example/cert.pem"},
        {"x5c": ["AAAA"]},
        {"zip": "DEF"},
        {"cty": "JWT"},
    ],
)
def test_a_header_with_anything_more_is_refused(tokens: AccessTokens, extra: dict[str, object]) -> None:
    assert refused(tokens, signed({**HEADER, **extra}))
    assert refused(tokens, signed({**HEADER, **extra}, keys=STRANGERS_KEYS))


def test_after_a_rotation_tokens_of_the_previous_key_are_good_until_it_is_taken_away() -> None:
    text = access_tokens(SigningKeys([b"o" * 32])).issue(ACCOUNT, SESSION, NOW, TOKEN).text

    rotated = access_tokens(SigningKeys([b"n" * 32, b"o" * 32]))
    done = access_tokens(SigningKeys([b"n" * 32]))

    assert rotated.verify(text, NOW).account_id == ACCOUNT
    assert refused(done, text)
