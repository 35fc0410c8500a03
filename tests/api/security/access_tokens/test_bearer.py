"""The Authorization header of a request."""

from __future__ import annotations

import pytest

from api.security.access_tokens import bearer
from rules.refusals import Code, Refusal

# The Authorization header


def test_without_a_header_there_is_no_token() -> None:
    assert bearer(None) is None


@pytest.mark.parametrize("header", ["Bearer abc.def-_.~+/=", "bearer abc.def-_.~+/=", "BEARER   abc.def-_.~+/="])
def test_the_token_stands_after_the_scheme_in_any_case(header: str) -> None:
    assert bearer(header) == "abc.def-_.~+/="


@pytest.mark.parametrize(
    "header",
    [
        "",
        " ",
        "Bearer",
        "Bearer ",
        "Bearer\tabc",
        "Bearerabc",
        " Bearer abc",
        "Bearer abc ",
        "Bearer abc\n",
        "Bearer abc def",
        "Bearer abc, Bearer def",
        "Bearer =",
        "Bearer a=b",
        "Bearer \u00e9",
        "Basic YW5uOnNlY3JldA==",
        "Digest abc",
        "abc",
        "Bearer " + "=" * 10_000,
    ],
)
def test_any_other_header_is_refused(header: str) -> None:
    with pytest.raises(Refusal) as refusal:
        bearer(header)

    assert refusal.value.code is Code.UNAUTHENTICATED
    assert refusal.value.message == "The Authorization header must be: Bearer, a space, and an access token."
