"""Texts that are no tokens are refused."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.security.access_tokens import AccessTokens
from tests.api.security.access_tokens.signing import HEADER, NOW, access_tokens, refused, signed, with_claims

# Shape


@pytest.mark.parametrize(
    "text", [None, 7, b"bytes", signed().encode(), [signed()], {"token": signed()}, True, object()]
)
def test_what_is_not_text_is_refused(tokens: AccessTokens, text: object) -> None:
    assert refused(tokens, text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "..",
        "...",
        "a.b",
        "a.b.c",
        "a.b.c.d.e",
        signed() + ".",
        signed() + "=",
        signed() + "==",
        signed() + "\n",
        " " + signed(),
        signed() + "." + signed(),
        signed().replace(".", "=.", 1),
        signed() + "\ud800",
        signed() + "\u00e9",
        "\0" * 100,
    ],
)
def test_what_is_not_three_parts_of_base64url_is_refused(tokens: AccessTokens, text: str) -> None:
    assert refused(tokens, text)


def test_a_token_over_four_kibibytes_is_refused_however_well_it_is_signed(tokens: AccessTokens) -> None:
    fits, too_long = with_claims(more="x" * 2500), with_claims(more="x" * 2900)

    assert len(fits) <= 4096 < len(too_long)
    assert tokens.verify(fits, NOW)
    assert refused(tokens, too_long)
    assert refused(tokens, "a." * 10**6)


@settings(deadline=None)
@given(header=st.text(max_size=50) | st.dictionaries(st.sampled_from([*HEADER, "crit", "b64"]), st.none() | st.text()))
def test_no_header_makes_anything_but_a_refusal(header: object) -> None:
    assert refused(access_tokens(), signed(header))


def test_deep_and_long_headers_are_refused(tokens: AccessTokens) -> None:
    for header in ("[" * 2000, '{"a":' * 400, "9" * 2500, f'{{"kid": {"9" * 2000}}}'):
        assert refused(tokens, signed(header))
