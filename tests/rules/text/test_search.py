"""The columns that a search reads, and the words that it looks for."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.global_ids import text_of
from rules.text.folding import login_key
from rules.text.search import MOST_WORDS, UserSearch, parse_user_search, search_text, words

ID = UUID("018f4a3b-0000-7000-8000-00000000abcd")
unmarked = st.text(st.characters(exclude_categories=["M", "Cs"]), min_size=1, max_size=20)
names = st.one_of(st.none(), unmarked)


@given(names, names, unmarked, names, st.data())
def test_part_of_any_field_is_found(  # T14
    first: str | None, last: str | None, username: str, email: str | None, data: st.DataObject
) -> None:
    full_name = " ".join(filter(None, (first, last)))
    field = data.draw(st.sampled_from([full_name, username, email or username]))
    start = data.draw(st.integers(0, len(field)))
    part = field[start : data.draw(st.integers(start, len(field)))]

    looked_into = search_text(first, last, username, email)

    assert all(word in looked_into for word in words(part))


@given(st.lists(unmarked, min_size=1, max_size=40))
def test_words_are_found_in_any_order_and_are_few(typed: list[str]) -> None:  # T14
    found = words(" ".join(typed))

    few = [word for word in found if words(word) == (word,)]  # the last may hold all that follow

    assert len(found) <= MOST_WORDS
    assert set(words(" ".join(reversed(few)))) == set(words(" ".join(few))) == set(few)


@given(st.text(max_size=60))
def test_no_word_reaches_from_one_field_into_the_next(typed: str) -> None:  # T14
    assert not any("\n" in word for word in words(typed))


def test_a_waiting_address_is_looked_into() -> None:
    assert search_text("Ann", None, "ann", "ann@old.test", "ann@new.test").splitlines()[-1] == "ann@new.test"


@pytest.mark.parametrize("typed", [None, "", " ", "\n\t\N{NO-BREAK SPACE}", "\u200b\ufeff", "\u2800"])
def test_an_empty_search_finds_everything(typed: str | None) -> None:  # T14
    assert parse_user_search(typed) == UserSearch()


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("  Ann \t\n  Lee ", ("ann", "lee")),
        ("van der Doe, Jane", ("van", "der", "doe", "jane")),
        ("ann ann", ("ann",)),
        (",", (",",)),
        ("ann@acme.test", ("ann@acme.test",)),
    ],
)
def test_a_search_is_its_words(typed: str, found: tuple[str, ...]) -> None:  # T14
    assert parse_user_search(typed) == UserSearch(words=found)


@pytest.mark.parametrize(
    "typed",
    [
        "Ann@acme.test, bob@Faß.de",
        "ann@acme.test;bob@faß.de;",
        "ann@acme.test\nbob@faß.de",
        '"Lee, Ann" <ann@acme.test>, Bob <bob@faß.de>',
    ],
)
def test_a_list_of_addresses_means_these_people(typed: str) -> None:
    assert parse_user_search(typed) == UserSearch(logins=(login_key("ann@acme.test"), login_key("bob@faß.de")))


def test_addresses_beside_other_words_are_words() -> None:
    assert parse_user_search("ann@acme.test bob@acme.test lee").words == ("ann@acme.test", "bob@acme.test", "lee")


@pytest.mark.parametrize("typed", [str(ID), str(ID).upper(), ID.hex, f" {ID}\u200b", text_of("PortalUser", ID)])
def test_an_id_means_its_user(typed: str) -> None:
    assert parse_user_search(typed).id == ID


@pytest.mark.parametrize("typed", [text_of("Portal", ID), f"{ID}0", "{" + str(ID) + "}", "018f4a3b"])
def test_what_is_no_user_s_id_is_words(typed: str) -> None:
    assert parse_user_search(typed).id is None
