"""How typed codes are read."""

from __future__ import annotations

import pytest

from rules.auth.codes import parse


@pytest.mark.parametrize(
    "typed",
    [
        " 123 456\n",
        "123\u00a0456",
        "\uff11\uff12\uff13\uff14\uff15\uff16",
        "\u0661\u0662\u0663\u0664\u0665\u0666",
        "१२३४५६",
    ],
)
def test_digits_of_every_script_are_digits(typed: str) -> None:
    assert parse(typed) == "123456"


@pytest.mark.parametrize("typed", ["ABCD-efgh", "abcd efgh", "\uff41\uff42\uff43\uff44-EFGH"])
def test_letters_count_without_case_and_dashes(typed: str) -> None:
    assert parse(typed) == "abcdefgh"


def test_a_long_text_is_no_work() -> None:
    assert len(parse("1" * 1_000_000)) == 200
