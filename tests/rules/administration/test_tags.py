"""Which texts are valid tags."""

from __future__ import annotations

import pytest

from rules.administration.tags import LONGEST_TAG, MOST_TAGS, keys, validate
from rules.refusals import Code, Refusal


def test_tags_are_ordered_and_compared_without_case_and_accents() -> None:
    found = validate(["  North ", "gold", "NORTH", "Zürich"])

    assert [tag.text for tag in found] == ["gold", "North", "Zürich"]
    assert keys(["GOLD", " zurich"]) == [found[0].key, found[2].key]


def test_all_faults_of_tags_come_back_at_once_each_with_its_place() -> None:
    with pytest.raises(Refusal) as no:
        validate(["gold", " ", "x" * (LONGEST_TAG + 1)])

    assert [fault.path for fault in no.value.faults] == [("tags", "1"), ("tags", "2")]


def test_there_are_at_most_a_hundred_tags() -> None:
    validate([str(n) for n in range(MOST_TAGS)])
    with pytest.raises(Refusal) as no:
        validate([str(n) for n in range(MOST_TAGS + 1)])

    assert (no.value.code, no.value.params["problem"]) == (Code.INVALID_INPUT, "TOO_MANY_TAGS")
