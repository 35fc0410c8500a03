"""Which characters are invisible, compared with Unicode's properties in the `regex` library."""

from __future__ import annotations

import sys

import pytest
import regex

from rules.text.characters import (
    BLANK,
    DEFAULT_IGNORABLE,
    WHITE_SPACE,
    is_invisible_in,
    strip_invisible,
    without_ignorable,
)

EVERY = "".join(map(chr, range(0xD800))) + "".join(map(chr, range(0xE000, sys.maxunicode + 1)))


@pytest.mark.parametrize(
    ("ranges", "named"), [(DEFAULT_IGNORABLE, "Default_Ignorable_Code_Point"), (WHITE_SPACE, "White_Space")]
)
def test_a_table_is_the_property_of_unicode(ranges: str, named: str) -> None:
    assert set(regex.findall(f"[{ranges}]", EVERY)) == set(regex.findall(rf"\p{{{named}}}", EVERY))


@pytest.mark.parametrize(
    "text", ["", " ", "\u200d", "\u3164", "\u2800", "\U000e0041", "\ufe0f", "\u17b4", "\u180b", "\xa0"]
)
def test_a_text_that_shows_nothing_is_empty(text: str) -> None:
    assert strip_invisible(text) == strip_invisible(text * 3) == ""


@pytest.mark.parametrize("text", ["Ada", "A da", "👨\u200d👩\u200d👧", "A\u00adda"])
def test_invisible_characters_are_stripped_at_the_ends_only(text: str) -> None:
    assert strip_invisible(f"\ufeff \u200b{text}\u3000\u2800\u200e") == text


@pytest.mark.parametrize("text", ["\u2764\ufe0f", "\u845b\U000e0100"])
def test_a_variation_of_a_symbol_or_an_ideograph_is_kept(text: str) -> None:
    assert strip_invisible(f" {text} ") == text
    assert strip_invisible(f"Ann{text[1]}") == "Ann"


def test_invisible_characters_are_found_and_dropped() -> None:
    assert is_invisible_in("a\u034fb")
    assert is_invisible_in(f"a{BLANK}b")
    assert not is_invisible_in("a b\u00e9")
    assert without_ignorable("a\u034f\u00adb\U000e0041é") == "abé"
