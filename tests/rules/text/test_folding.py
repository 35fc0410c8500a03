"""How text is folded: for sorting, for searching, and for comparing logins."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rules.text.folding import LONGEST_LOGIN, display_name, login_key, sort_key, typed_key

texts = st.text(max_size=30)
unmarked = st.text(st.characters(exclude_categories=["M", "Cs"]), max_size=30)
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
        ("Łukasz", "lukasz"),
        ("Søren", "soren"),
        ("Đorđe", "dorde"),
        ("I\u015f\u0131k", "isik"),
        ("Ħanna", "hanna"),
        ("Æsa", "aesa"),
        ("Œuvrard", "oeuvrard"),
        ("Ŧuomas", "tuomas"),
        ("Əliyev", "eliyev"),
        ("Þór", "thor"),
        ("O\u2019Brien", "o'brien"),
        ("O\u02bcneal", "o'neal"),
        ("O\u2018Shea", "o'shea"),
        ("O\u00b4Dea", "o'dea"),
        ("Smith\u2010Jones", "smith-jones"),
        ("Smith\u2011Jones", "smith-jones"),
        ("Kim\u2013Lee", "kim-lee"),
        ("\ufeffAda\u200b", "ada"),
        ("A\u00adda", "ada"),
        ("Ada\U000e0041", "ada"),
        ("Влади́мир", "владимир"),
    ],
)
def test_case_and_accents_make_no_difference_in_sorting_and_finding(one: str, other: str) -> None:  # T13, T14
    assert sort_key(one) == sort_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("र\u093eम", "र\u094bम"),
        ("र\u093eम", "रम"),
        ("น\u0e34ด", "น\u0e38ด"),
        ("ப\u0bbeல\u0bbe", "ப\u0bc7ல\u0bbf"),
        ("か", "か\u3099"),
    ],
)
def test_vowel_signs_tell_names_apart(one: str, other: str) -> None:  # T13, T14
    assert sort_key(one) != sort_key(other)


@given(texts)
@example("ǰ\N{COMBINING GREEK YPOGEGRAMMENI}")
def test_folding_folds_all_there_is_to_fold(text: str) -> None:  # T13
    assert sort_key(sort_key(text)) == sort_key(text)


@given(unmarked, unmarked)
def test_folding_a_text_is_folding_its_parts(one: str, other: str) -> None:  # T14
    assert sort_key(one + other) == sort_key(one) + sort_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ann@Acme.Test", "ann@acme.test"),
        (" ann ", "ann"),
        ("JOSÉ", "jose\N{COMBINING ACUTE ACCENT}"),
        ("\ufeffann\u200b", "ann"),
        ("a\u00adnn", "ann"),
    ],
)
def test_logins_are_the_same_without_regard_to_case_and_encoding(one: str, other: str) -> None:  # T4
    assert login_key(one) == login_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("jose@acme.test", "josé@acme.test"), ("groß", "gross"), ("eva@faß.de", "eva@fass.de"), ("m\u0131ke", "mike")],
)
def test_logins_that_differ_by_more_than_capitals_are_two(one: str, other: str) -> None:  # T4
    assert login_key(one) != login_key(other)


def test_what_is_too_long_to_be_a_login_is_none() -> None:
    assert (typed_key("a" * LONGEST_LOGIN), typed_key("a" * (LONGEST_LOGIN + 1))) == ("a" * LONGEST_LOGIN, "")


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
