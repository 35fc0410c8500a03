"""Signatures and keys of access tokens."""

from __future__ import annotations

import hashlib
import hmac
import json

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from api.security.access_tokens import AccessTokens
from tests.api.security.access_tokens.signing import (
    ACCOUNT,
    CLAIMS,
    HEADER,
    KEYS,
    NOW,
    SESSION,
    STRANGERS_KEYS,
    TOKEN,
    access_tokens,
    base64url,
    refused,
    signed,
)

# Signature and header


def test_a_token_signed_by_another_key_is_refused(tokens: AccessTokens) -> None:
    in_our_name = signed(keys=STRANGERS_KEYS)
    by_the_stranger = access_tokens(STRANGERS_KEYS).issue(ACCOUNT, SESSION, NOW, TOKEN).text

    assert refused(tokens, in_our_name)
    assert refused(tokens, by_the_stranger)


def test_a_changed_payload_is_refused(tokens: AccessTokens) -> None:
    header, _, signature = signed().split(".")
    forged = base64url(json.dumps({**CLAIMS, "sub": str(SESSION)}).encode())

    assert refused(tokens, f"{header}.{forged}.{signature}")


def test_every_changed_character_makes_a_token_bad_even_after_it_was_remembered(tokens: AccessTokens) -> None:
    text = tokens.issue(ACCOUNT, SESSION, NOW, TOKEN).text
    tokens.verify(text, NOW)

    for place, character in enumerate(text):
        other = "A" if character != "A" else "B"
        assert refused(tokens, text[:place] + other + text[place + 1 :])


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "", "HS256", "RS256", "ES256", "Ed25519", None, [], 7])
def test_only_the_one_algorithm_is_taken_even_under_a_good_signature(tokens: AccessTokens, algorithm: object) -> None:
    assert refused(tokens, signed({**HEADER, "alg": algorithm}))


def test_an_unsigned_token_is_refused(tokens: AccessTokens) -> None:
    parts = [base64url(json.dumps(each).encode()) for each in ({**HEADER, "alg": "none"}, CLAIMS)]
    unsigned = ".".join([*parts, ""])

    assert refused(tokens, unsigned)
    assert refused(tokens, unsigned + base64url(b"anything"))
    assert refused(tokens, signed().rpartition(".")[0] + ".")


def test_the_public_key_is_no_shared_secret(tokens: AccessTokens) -> None:
    public = KEYS.private_key.public_key()
    spellings = [
        public.public_bytes_raw(),
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH),
    ]
    parts = [base64url(json.dumps(each).encode()) for each in ({**HEADER, "alg": "HS256"}, CLAIMS)]

    for secret in spellings:
        code = hmac.new(secret, ".".join(parts).encode(), hashlib.sha256).digest()
        assert refused(tokens, ".".join([*parts, base64url(code)]))
