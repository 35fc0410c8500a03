"""The time in which an access token is valid."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from api.security.access_tokens import AccessTokens
from tests.api.security.access_tokens.signing import (
    ACCOUNT,
    MINUTES_15,
    NOW,
    SECOND,
    SESSION,
    START,
    TOKEN,
    access_tokens,
    refused,
    with_claims,
)

# Time


def test_a_token_is_good_until_the_second_of_its_end_and_not_in_it(tokens: AccessTokens) -> None:
    text = tokens.issue(ACCOUNT, SESSION, NOW, TOKEN).text

    tokens.verify(text, NOW + MINUTES_15 - timedelta(milliseconds=1))
    told = refused(tokens, text, NOW + MINUTES_15)

    assert told == "The access token has expired."
    assert refused(access_tokens(), text, NOW + MINUTES_15) == told


def test_the_given_time_counts_and_not_the_wall_clock(tokens: AccessTokens) -> None:
    long_ago, far_off = datetime(2001, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)

    for now in (long_ago, far_off):
        assert tokens.verify(tokens.issue(ACCOUNT, SESSION, now, TOKEN).text, now).expires_at == now + MINUTES_15


def test_a_naive_time_is_a_bug_and_raises(tokens: AccessTokens) -> None:
    text = tokens.issue(ACCOUNT, SESSION, NOW, TOKEN).text

    with pytest.raises(TypeError):
        tokens.verify(text, NOW.replace(tzinfo=None))
    with pytest.raises(TypeError):
        tokens.issue(ACCOUNT, SESSION, NOW.replace(tzinfo=None), TOKEN)


@pytest.mark.parametrize("claim", ["nbf", "iat"])
def test_a_clock_that_is_five_seconds_ahead_is_forgiven_and_six_are_not(tokens: AccessTokens, claim: str) -> None:
    assert tokens.verify(with_claims(**{claim: START + 5}), NOW)
    assert refused(tokens, with_claims(**{claim: START + 6}))


def test_a_token_is_not_good_before_its_time_even_when_it_is_remembered(tokens: AccessTokens) -> None:
    text = tokens.issue(ACCOUNT, SESSION, NOW, TOKEN).text
    tokens.verify(text, NOW)

    assert refused(tokens, text, NOW - 6 * SECOND)


def test_no_token_lives_longer_than_15_minutes_however_well_it_is_signed(tokens: AccessTokens) -> None:
    assert refused(tokens, with_claims(exp=START + 901))
    assert refused(tokens, with_claims(exp=START + 10**9))
    assert refused(tokens, with_claims(iat=START - 1))


def test_a_token_that_ends_before_it_begins_is_refused(tokens: AccessTokens) -> None:
    assert refused(tokens, with_claims(iat=START + 4, exp=START + 4), NOW)


@pytest.mark.parametrize("lifetime", [timedelta(0), -SECOND, timedelta(seconds=1.5), MINUTES_15 + SECOND])
def test_a_lifetime_over_15_minutes_or_not_in_whole_seconds_cannot_be_configured(lifetime: timedelta) -> None:
    with pytest.raises(ValueError, match="at most 15 minutes"):
        access_tokens(lifetime=lifetime)


def test_a_shorter_lifetime_is_returned_to_the_client() -> None:
    tokens = access_tokens(lifetime=timedelta(minutes=1))

    issued = tokens.issue(ACCOUNT, SESSION, NOW, TOKEN)

    assert issued.expires_in_seconds == 60
    assert tokens.verify(issued.text, NOW).expires_at == NOW + timedelta(minutes=1)
