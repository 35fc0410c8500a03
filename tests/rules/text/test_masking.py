"""E-mail addresses with most characters hidden."""

from __future__ import annotations

import pytest

from rules.text.masking import mask


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("ada@acme.test", "a•••@acme.test"),
        ("a@acme.test", "a•••@acme.test"),
        ("ada.lovelace+portal@acme.test", "a•••@acme.test"),
        ("élan@acme.test", "é•••@acme.test"),
    ],
)
def test_the_first_character_and_the_domain_are_shown(address: str, shown: str) -> None:
    assert mask(address) == shown
