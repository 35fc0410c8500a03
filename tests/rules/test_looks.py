"""Which usernames look alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.looks import look
from rules.text import login_key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("administrator", "\u0430dministr\u0430tor"),  # Cyrillic a
        ("cop", "\u0441\u043e\u0440"),  # Cyrillic throughout
        ("admin", "\uff41\uff44\uff4d\uff49\uff4e"),  # full width
        ("admin", "\U0001d41a\U0001d41d\U0001d426\U0001d422\U0001d427"),  # mathematical
        ("ian", "\u0406an"),  # Ukrainian I, in lower case an i
        ("mike", "m\u0131ke"),
        ("\u0391nn", "\u0410nn"),  # Greek and Cyrillic A
    ],
)
def test_look_alikes_of_other_alphabets_have_one_look(one: str, other: str) -> None:
    assert login_key(one) != login_key(other)
    assert look(login_key(one)) == look(login_key(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [("soren", "søren"), ("lukasz", "łukasz"), ("zoe", "zoë"), ("groß", "gross"), ("a1", "al"), ("иван", "ivan")],
)
def test_names_that_a_reader_tells_apart_have_two_looks(one: str, other: str) -> None:
    assert look(login_key(one)) != look(login_key(other))


@given(st.text(st.characters(max_codepoint=126, exclude_categories=["Cc"]), max_size=20))
def test_ascii_looks_like_itself(text: str) -> None:
    assert look(login_key(text)) == login_key(text)
