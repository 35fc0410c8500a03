"""Which usernames look alike."""

from __future__ import annotations

import sys
from types import FrameType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.text.folding import LONGEST_LOGIN, login_key
from rules.text.lookalikes import skeleton


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
    assert skeleton(login_key(one)) == skeleton(login_key(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [("soren", "søren"), ("lukasz", "łukasz"), ("zoe", "zoë"), ("groß", "gross"), ("a1", "al"), ("иван", "ivan")],
)
def test_names_that_a_reader_tells_apart_have_two_looks(one: str, other: str) -> None:
    assert skeleton(login_key(one)) != skeleton(login_key(other))


@given(st.text(st.characters(max_codepoint=126, exclude_categories=["Cc"]), max_size=20))
def test_ascii_looks_like_itself(text: str) -> None:
    assert skeleton(login_key(text)) == login_key(text)


@pytest.mark.parametrize("character", ["\ufdfa", "\u3314", "\u1ed7"])
def test_a_character_that_comes_again_costs_no_further_call(character: str) -> None:
    once = calls_of_look(login_key(character))

    assert calls_of_look(login_key(character * 200)) <= once


@pytest.mark.parametrize("character", ["\ufdfa", "\u3314", "\U0001f220", "\u0344"])
def test_a_look_is_no_longer_than_a_login_however_much_a_character_stands_for(character: str) -> None:
    assert len(skeleton(login_key(character * 200))) <= LONGEST_LOGIN


def calls_of_look(key: str) -> int:
    skeleton(key)  # the characters are remembered from then on
    calls = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        skeleton(key)
    finally:
        sys.setprofile(None)
    return calls
