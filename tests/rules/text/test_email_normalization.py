"""The normalized form in which e-mail addresses are compared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.text.email_normalization import address_key, ascii_domain, lower_nfc

KELVIN, DOTTED, DOTLESS = "\u212a", "\u0130", "\u0131"


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ("Example.COM", "example.com"),
        ("faß.de", "xn--fa-hia.de"),
        ("FAẞ.de", "xn--fa-hia.de"),
        ("XN--FA-HIA.de", "xn--fa-hia.de"),
        ("βόλος.gr", "xn--nxasmm1c.gr"),
        ("Bücher.example", "xn--bcher-kva.example"),
        ("bu\u0308cher.example", "xn--bcher-kva.example"),
    ],
)
def test_a_domain_has_the_ascii_form_of_idna2008(domain: str, expected: str) -> None:
    assert ascii_domain(domain) == expected


@pytest.mark.parametrize("domain", ["", "a" * 254, "ü" * 80 + ".de", "♥.example", "a..ü"])
def test_a_domain_without_an_ascii_form_is_a_value_error(domain: str) -> None:
    with pytest.raises(ValueError, match="domain") as refused:
        ascii_domain(domain)

    assert not domain or domain not in str(refused.value)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Eva@faß.de", "eva@XN--FA-HIA.de"),
        ("EVA@Bücher.example", "eva@bücher.example"),
        ("JOSÉ@acme.test", "jose\N{COMBINING ACUTE ACCENT}@acme.test"),
    ],
)
def test_addresses_that_differ_in_capitals_or_encoding_are_one(one: str, other: str) -> None:
    assert address_key(one) == address_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("eva@faß.de", "eva@fass.de"),
        ("groß@acme.test", "gross@acme.test"),
        ("ada@βόλος.gr", "ada@βόλοσ.gr"),
        (f"mi{KELVIN}e@acme.test", "mike@acme.test"),
        (f"m{DOTLESS}ke@acme.test", "mike@acme.test"),
        (f"m{DOTTED}ke@acme.test", "mike@acme.test"),
        ("ﬁona@acme.test", "fiona@acme.test"),
    ],
)
def test_addresses_that_differ_by_more_are_two(one: str, other: str) -> None:
    assert address_key(one) != address_key(other)


@given(st.text(max_size=30))
def test_lower_case_is_its_own_lower_case(text: str) -> None:
    assert lower_nfc(lower_nfc(text)) == lower_nfc(text)


@given(st.text(max_size=20), st.text(max_size=20))
def test_the_key_of_an_address_is_its_own_key(local: str, domain: str) -> None:
    found = address_key(f"{local}@{domain}")

    assert address_key(found) == found


@given(st.text(max_size=20))
def test_no_character_beyond_ascii_becomes_one_of_ascii(text: str) -> None:
    assert lower_nfc(text).isascii() == text.isascii()
