"""The check of the limits does not spread a document's fragments, but counts as if each fragment were spread."""

from __future__ import annotations

from dataclasses import replace

import pytest
from graphql import parse
from hypothesis import given, settings
from hypothesis import strategies as st

from api.graphql.cost.complexity import Complexity
from api.graphql.cost.limits import DEFAULT_LIMITS
from rules.refusals import REQUEST_CODES, Refusal
from tests.api.graphql.cost.nesting import SCHEMA
from tests.api.graphql.edge import Edge

# ── properties ───────────────────────────────────────────────────────────────────────────────────────────────────────

# A selection: a field with what is selected inside it, or the number of a fragment further on.
SELECTIONS = st.recursive(
    st.just("id") | st.integers(1, 3),
    lambda inside: st.lists(inside, max_size=3),
    max_leaves=8,
)

FRAGMENTS = st.lists(st.lists(SELECTIONS, max_size=3), min_size=4, max_size=4)


def written(selections: list[object], fragment: int) -> str:
    parts = []
    for selection in selections:
        if isinstance(selection, list):
            parts.append(f"me {{ {written(selection, fragment)} }}")
        elif isinstance(selection, int):
            parts.append(f"...F{fragment + selection}" if fragment + selection < 4 else "name")
        else:
            parts.append("id")
    return " ".join(parts)


def expanded(fragments: list[list[object]], selections: list[object], fragment: int) -> tuple[int, int]:
    """Return the number of selections and their depth, counted by expanding every fragment at every spread."""
    count = depth = 0
    for selection in selections:
        count += 1
        if isinstance(selection, int) and fragment + selection < 4:
            inside = expanded(fragments, fragments[fragment + selection], fragment + selection)
            count, depth = count + inside[0], max(depth, inside[1])
        elif isinstance(selection, list):
            inside = expanded(fragments, selection, fragment)
            count, depth = count + inside[0], max(depth, inside[1] + 1)
        else:
            depth = max(depth, 1)
    return count, depth


@settings(deadline=None)
@given(FRAGMENTS)
def test_the_walk_counts_what_spreading_every_fragment_would_count(fragments: list[list[object]]) -> None:
    query = f"{{ {written(fragments[0], 0)} }}" + "".join(
        f" fragment F{number} on Row {{ {written(fragments[number], number)} }}" for number in range(1, 4)
    )
    counted = [expanded(fragments, fragments[number], number) for number in range(4)]
    most_selections, most_depth = (max(column) for column in zip(*counted, strict=True))

    exact = replace(DEFAULT_LIMITS, selections=most_selections, depth=most_depth)
    Complexity(parse(query), SCHEMA, exact)

    if most_selections:
        with pytest.raises(Refusal):
            Complexity(parse(query), SCHEMA, replace(exact, selections=most_selections - 1))
        with pytest.raises(Refusal):
            Complexity(parse(query), SCHEMA, replace(exact, depth=most_depth - 1))


@settings(deadline=None)
@given(st.text() | st.text(alphabet='{}()[]:$!@."\\#, ame\n\0\ud800').map(lambda text: f"{{ me {text}"))
async def test_no_text_is_a_bug(text: str) -> None:
    response = await Edge().post({"query": text})

    assert response.status_code in (200, 400)
    assert {error["extensions"]["code"] for error in response.json().get("errors", [])} <= set(REQUEST_CODES[:-2])


@settings(deadline=None)
@given(st.binary() | st.binary().map(lambda tail: b'{"query": "{ hello }", "variables": ' + tail))
async def test_no_body_is_a_bug(body: bytes) -> None:
    response = await Edge().post(body)

    assert response.status_code in (200, 400)
