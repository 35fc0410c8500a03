"""Verified access tokens are cached for a limited time. The cache does not reveal them."""

from __future__ import annotations

import logging
from uuid import UUID

import pytest

from api.security.access_tokens import AccessTokens
from rules.refusals import Refusal
from tests.api.security.access_tokens.signing import (
    ACCOUNT,
    MINUTES_15,
    NOW,
    SECOND,
    SESSION,
    START,
    STRANGERS_KEYS,
    TOKEN,
    access_tokens,
    refused,
    signed,
    with_claims,
)

# Memory and silence


def test_a_remembered_token_expires_all_the_same(tokens: AccessTokens) -> None:
    text = tokens.issue(ACCOUNT, SESSION, NOW, TOKEN).text
    tokens.verify(text, NOW)
    assert tokens.remembered == 1

    assert refused(tokens, text, NOW + MINUTES_15) == "The access token has expired."
    assert tokens.remembered == 0


def test_a_remembered_token_says_the_same_again(tokens: AccessTokens) -> None:
    text = tokens.issue(ACCOUNT, SESSION, NOW, TOKEN).text

    assert tokens.verify(text, NOW) == tokens.verify(text, NOW + SECOND)


def test_no_more_tokens_are_remembered_than_configured() -> None:
    tokens = access_tokens(most_remembered=3)
    texts = [tokens.issue(ACCOUNT, SESSION, NOW, UUID(int=number)).text for number in range(10)]

    for text in [*texts, *texts]:
        tokens.verify(text, NOW)

    assert tokens.remembered == 3


def test_bad_tokens_are_not_remembered(tokens: AccessTokens) -> None:
    for number in range(10):
        refused(tokens, with_claims(iss=f"stranger {number}"))
        refused(tokens, with_claims(exp=START - number, iat=START - 100))

    assert tokens.remembered == 0


def test_no_usable_token_lies_in_memory(tokens: AccessTokens) -> None:
    text = tokens.issue(ACCOUNT, SESSION, NOW, TOKEN).text
    tokens.verify(text, NOW)

    kept = str(vars(tokens))

    assert str(ACCOUNT) in kept
    assert text not in kept
    assert text.rpartition(".")[2] not in kept


def test_no_token_is_printed_or_logged(tokens: AccessTokens, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    issued = tokens.issue(ACCOUNT, SESSION, NOW, TOKEN)
    stranger = signed(keys=STRANGERS_KEYS)

    with pytest.raises(Refusal) as refusal:
        tokens.verify(stranger, NOW)

    assert issued.text not in repr(issued)
    assert stranger not in str(refusal.value)
    assert refusal.value.__cause__ is None
    assert refusal.value.__suppress_context__
    assert caplog.text == ""
