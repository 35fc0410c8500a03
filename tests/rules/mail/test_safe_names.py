"""The form in which mails show names."""

from __future__ import annotations

import pytest

from rules.mail.safe_names import MOST_SHOWN, safe_name


@pytest.mark.parametrize(
    ("name", "in_mail"),
    [
        ("Ann Smith", "Ann Smith"),
        ("J.R. Smith", "J.R. Smith"),
        ('Lukas Böhm (田中), "Q" <x@y>', 'Lukas Böhm (田中), "Q" <x@y>'),
        ("https://evil.test/login", "https evil. test/login"),
        ("hxxp : // evil", "hxxp evil"),
        ("www.evil.test", "www evil. test"),
        ("WWW。evil。test", "www evil. test"),
        ("write to a@evil.test", "write to a@evil. test"),
        ("http://10.0.0.1/", "http 10. 0. 0. 1/"),
        ("пример.рф", "пример. рф"),
        ("two\nlines\u202e", "two lines"),
    ],
)
def test_a_name_in_a_mail_holds_nothing_that_becomes_a_link(name: str, in_mail: str) -> None:
    assert safe_name(name) == in_mail


def test_a_long_name_is_cut_in_a_mail() -> None:
    assert safe_name("Your account is at risk " * 5).endswith("…")
    assert len(safe_name("x" * 500)) == MOST_SHOWN
