"""How text is folded: for sorting, for finding, for telling logins apart."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rules.text import display_name, haystack, login_key, needle, sort_key

texts = st.text(max_size=30)
names = st.one_of(st.none(), st.text(min_size=1, max_size=20))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Élodie", "elodie"),
        ("E\N{COMBINING ACUTE ACCENT}lodie", "Élodie"),
        ("ÅNGSTRÖM", "angstrom"),
        ("Straße", "STRASSE"),
        ("\N{LATIN SMALL LIGATURE FI}ona", "Fiona"),
        ("İnci", "inci"),
        ("ΣΊΣΥΦΟΣ", "σισυφος"),
    ],
)
def test_case_and_accents_make_no_difference_in_sorting_and_finding(one: str, other: str) -> None:  # T13, T14
    assert sort_key(one) == sort_key(other)


@given(texts)
@example("ǰ\N{COMBINING GREEK YPOGEGRAMMENI}")
def test_folding_folds_all_there_is_to_fold(text: str) -> None:  # T13
    assert sort_key(sort_key(text)) == sort_key(text)


@given(texts, texts)
def test_folding_a_text_is_folding_its_parts(one: str, other: str) -> None:  # T14
    assert sort_key(one + other) == sort_key(one) + sort_key(other)


@given(names, names, st.text(min_size=1, max_size=20), names, st.data())
def test_part_of_any_field_is_found(  # T14
    first: str | None, last: str | None, username: str, email: str | None, data: st.DataObject
) -> None:
    full_name = " ".join(filter(None, (first, last)))
    field = data.draw(st.sampled_from([full_name, username, email or username]))
    start = data.draw(st.integers(0, len(field)))
    part = field[start : data.draw(st.integers(start, len(field)))]

    assert needle(part) in haystack(first, last, username, email)


@given(st.text(min_size=1, max_size=10), st.text(min_size=1, max_size=10), st.text(max_size=5))
def test_no_search_reaches_from_one_field_into_the_next(username: str, email: str, between: str) -> None:  # T14
    assert "\n" not in needle(username + between + "\n" + email)
    assert haystack(None, None, username, email).count("\n") == 2


@pytest.mark.parametrize("search", [None, "", " ", "\n\t\N{NO-BREAK SPACE}"])
def test_an_empty_search_finds_everybody(search: str | None) -> None:  # T14
    assert needle(search) == ""


def test_runs_of_white_space_are_one_blank() -> None:  # T14
    assert needle("  Ann \t\n  Lee ") == "ann lee"


@pytest.mark.parametrize(
    ("one", "other"),
    [("Ann@Acme.Test", "ann@acme.test"), (" ann ", "ann"), ("JOSÉ", "jose\N{COMBINING ACUTE ACCENT}"), ("ẞ", "ss")],
)
def test_logins_are_the_same_without_regard_to_case_and_encoding(one: str, other: str) -> None:  # T4
    assert login_key(one) == login_key(other)


def test_logins_that_differ_by_an_accent_are_two() -> None:  # T4
    assert login_key("jose@acme.test") != login_key("josé@acme.test")


@given(texts)
def test_a_login_key_is_its_own_key(text: str) -> None:  # T4
    key = login_key(text)

    assert login_key(key) == key


@given(st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126), max_size=30))
def test_ascii_logins_ignore_case(text: str) -> None:  # T4
    assert login_key(text.upper()) == login_key(text.lower()) == login_key(text)


@given(names, names, names, st.text(min_size=1))
def test_a_name_is_the_full_name_else_the_address_else_the_username(
    first: str | None, last: str | None, email: str | None, username: str
) -> None:  # T3
    name = display_name(first, last, email, username)

    assert name == (" ".join(part for part in (first, last) if part) or email or username)


@given(st.text(min_size=1, max_size=20))
def test_accents_alone_never_make_two_names_sort_apart(text: str) -> None:  # T13
    assert sort_key(text + "\N{COMBINING DIAERESIS}") == sort_key(text)
