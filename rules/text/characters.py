"""Find and remove invisible characters, and characters that cannot be stored."""

from __future__ import annotations

import re
import unicodedata

DEFAULT_IGNORABLE = (
    "\u00ad\u034f\u061c\u115f-\u1160\u17b4-\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""The characters with Unicode's property Default_Ignorable_Code_Point, as the ranges of a character class of `re`.

A test compares the ranges with the `regex` library.
"""

WHITE_SPACE = "\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028-\u2029\u202f\u205f\u3000"
"""The characters with Unicode's property White_Space, as the ranges of a character class of `re`."""

BLANK = "\u2800"
"""The Braille pattern without dots. The character is invisible, although Unicode classifies it as a symbol."""

REPLACEMENT = "\ufffd"
"""The replacement for a character that cannot be stored, in texts that are returned to a client."""

# PostgreSQL cannot store NUL in a text, and UTF-8 cannot encode half of a surrogate pair.
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_INVISIBLE = re.compile(f"[{DEFAULT_IGNORABLE}{BLANK}]")
_SPACE = re.compile(f"[{WHITE_SPACE}{BLANK}]+")
_IGNORABLE = re.compile(f"[{DEFAULT_IGNORABLE}]+")
_AROUND = re.compile(f"[{DEFAULT_IGNORABLE}{WHITE_SPACE}{BLANK}]")
_SELECTOR = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")


def strip_invisible(text: str) -> str:
    """Return the text without white space and invisible characters at its ends.

    One invisible character is kept at the end: a variation selector after a symbol, such as the selector that makes a
    heart red.
    """
    begin, end = _bounds(_AROUND, text)
    if 0 < end < len(text) and _SELECTOR.match(text, end) and unicodedata.category(text[end - 1]) in ("So", "Lo"):
        end += 1
    return text[begin:end]


def strip_white_space(text: str) -> str:
    """Return the text without white space at its ends. Other invisible characters are kept."""
    begin, end = _bounds(_SPACE, text)
    return text[begin:end]


def _bounds(dropped: re.Pattern[str], text: str) -> tuple[int, int]:
    begin, end = 0, len(text)
    while begin < end and dropped.match(text, begin, begin + 1):
        begin += 1
    while end > begin and dropped.match(text, end - 1, end):
        end -= 1
    return begin, end


def without_ignorable(text: str) -> str:
    """Return the text without the characters that Unicode calls default-ignorable, such as zero-width spaces."""
    return text if text.isascii() else _IGNORABLE.sub("", text)


def single_spaced(text: str) -> str:
    """Return the text without white space at its ends, and with single spaces inside."""
    return _SPACE.sub(" ", text).strip(" ")


def is_invisible_in(text: str) -> bool:
    """Return whether the text contains an invisible character."""
    return not text.isascii() and _INVISIBLE.search(text) is not None


def is_unstorable(text: str) -> bool:
    """Return whether the text contains a character that cannot be stored."""
    return _UNSTORABLE.search(text) is not None


def replace_unstorable(text: str) -> str:
    """Return the text with REPLACEMENT in place of each character that cannot be stored."""
    return _UNSTORABLE.sub(REPLACEMENT, text)
