"""The length of a password is its only requirement besides its strength (NIST SP 800-63B)."""

from __future__ import annotations

import pytest

from rules.auth.passwords import (
    LONGEST,
    SHORTEST,
    SHORTEST_WITH_SECOND_FACTOR,
    PasswordContext,
    check_length,
    is_short,
    is_the_same,
)
from rules.refusals import Code, Refusal

ALONE, WITH_ANOTHER = PasswordContext((), has_second_factor=False), PasswordContext((), has_second_factor=True)
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"


def refused(password: str, password_context: PasswordContext) -> Code | None:
    try:
        check_length(password, password_context)
    except Refusal as refusal:
        return refusal.code if refusal.path == ("password",) else Code.INTERNAL_ERROR
    return None


@pytest.mark.parametrize("letter", ["a", " ", "é", "界", "\U0001f511"])
@pytest.mark.parametrize(("password_context", "shortest"), [(ALONE, 15), (WITH_ANOTHER, 8)])
def test_a_password_has_any_fifteen_characters_or_eight_beside_a_second_factor(
    letter: str, password_context: PasswordContext, shortest: int
) -> None:
    lengths = (0, shortest - 1, shortest, LONGEST, LONGEST + 1)

    assert [refused(letter * length, password_context) for length in lengths] == [
        Code.WEAK_PASSWORD,
        Code.WEAK_PASSWORD,
        None,
        None,
        Code.WEAK_PASSWORD,
    ]


def test_the_numbers_are_those_of_the_standard() -> None:
    assert (SHORTEST, SHORTEST_WITH_SECOND_FACTOR, LONGEST) == (15, 8, 128)


def test_characters_are_counted_as_they_are_stored() -> None:
    composed = "e\u0301" * 15  # fifteen é, typed with an accent of its own each

    assert (refused(composed, ALONE), refused(composed[:-2], ALONE)) == (None, Code.WEAK_PASSWORD)
    assert refused(FAMILY * 3, ALONE) is None


def test_an_endless_password_is_refused_without_being_normalised() -> None:
    assert refused("\u0301" * 10_000_000, ALONE) is Code.WEAK_PASSWORD


@pytest.mark.parametrize(("length", "short"), [(8, True), (14, True), (15, False)])
def test_what_is_good_with_a_second_factor_only_is_known(length: int, *, short: bool) -> None:
    assert is_short("x" * length) is short


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("caf\u00e9 au lait", "cafe\u0301 au lait", True),
        ("\uff41\uff42\uff43", "abc", True),
        ("abc", "ABC", False),
        ("x" * 1000, "x" * 1000, True),
        ("x" * 1000, "x" * 1001, False),
    ],
)
def test_a_password_is_the_same_however_it_was_typed(one: str, other: str, *, same: bool) -> None:
    assert is_the_same(one, other) is same
