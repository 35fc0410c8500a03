"""The claims that an access token must have."""

from __future__ import annotations

import json

import pytest

from api.security.access_tokens import AccessTokens
from tests.api.security.access_tokens.signing import (
    ACCOUNT,
    CLAIMS,
    NOW,
    SESSION,
    START,
    TOKEN,
    access_tokens,
    refused,
    signed,
    with_claims,
)

# Claims


@pytest.mark.parametrize("claim", sorted(CLAIMS))
def test_every_claim_is_required(tokens: AccessTokens, claim: str) -> None:
    without = {name: value for name, value in CLAIMS.items() if name != claim}

    assert refused(tokens, signed(payload=without))
    assert refused(tokens, with_claims(**{claim: None}))


@pytest.mark.parametrize("claim", ["exp", "iat", "nbf"])
@pytest.mark.parametrize(
    "value", [True, START + 0.5, str(START), "now", [START], {}, -1, 10**12, 10**30, float("nan"), float("inf")]
)
def test_a_time_is_a_whole_number_of_seconds(tokens: AccessTokens, claim: str, value: object) -> None:
    assert refused(tokens, with_claims(**{claim: value}))


@pytest.mark.parametrize("claim", ["sub", "sid", "jti"])
@pytest.mark.parametrize(
    "value",
    [
        "",
        "ann",
        7,
        [str(ACCOUNT)],
        {"id": str(ACCOUNT)},
        str(ACCOUNT).upper(),
        ACCOUNT.hex,
        f"{{{ACCOUNT}}}",
        f"urn:uuid:{ACCOUNT}",
        f" {ACCOUNT}",
        f"{ACCOUNT}\n",
    ],
)
def test_an_id_is_a_uuid_in_its_one_spelling(tokens: AccessTokens, claim: str, value: object) -> None:
    assert refused(tokens, with_claims(**{claim: value}))


@pytest.mark.parametrize("issuer", ["", "stranger", "gatehouse/", "Gatehouse", ["gatehouse"], 7, {}])
def test_a_token_of_another_issuer_is_refused(tokens: AccessTokens, issuer: object) -> None:
    assert refused(tokens, with_claims(iss=issuer))


@pytest.mark.parametrize("audience", ["", "stranger", "gatehouse", ["gatehouse-api"], ["gatehouse-api", "x"], 7, {}])
def test_a_token_for_another_audience_is_refused(tokens: AccessTokens, audience: object) -> None:
    assert refused(tokens, with_claims(aud=audience))


def test_installations_with_one_key_and_two_names_do_not_take_each_others_tokens(tokens: AccessTokens) -> None:
    text = tokens.issue(ACCOUNT, SESSION, NOW, TOKEN).text

    assert refused(access_tokens(issuer="other"), text)
    assert refused(access_tokens(audience="other"), text)


def test_a_claim_that_is_not_known_yet_is_ignored(tokens: AccessTokens) -> None:
    assert tokens.verify(with_claims(groups=["External users"]), NOW).account_id == ACCOUNT


@pytest.mark.parametrize("claim", sorted(CLAIMS))
def test_a_claim_that_stands_twice_is_refused(tokens: AccessTokens, claim: str) -> None:
    value = json.dumps(CLAIMS[claim])
    twice = json.dumps(CLAIMS)[:-1] + f', "{claim}": {value}}}'

    assert refused(tokens, signed(payload=twice))


@pytest.mark.parametrize(
    "payload", ["", "null", "[]", '"text"', "7", "{", "{}", "[" * 1500, "9" * 2500, '{"exp": NaN}']
)
def test_a_payload_that_is_no_object_of_claims_is_refused(tokens: AccessTokens, payload: str) -> None:
    assert refused(tokens, signed(payload=payload))
