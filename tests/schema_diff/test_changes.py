"""The classes of schema changes: breaking, dangerous or safe for clients."""

from __future__ import annotations

import pytest

from tests.schema_diff.__main__ import is_frozen
from tests.schema_diff.changes import changes, report

SCHEMA = """
directive @open on ENUM
type Query { user(id: ID!): String tile: Tile reason: Reason }
enum Tile { ACTIVE LOCKED }
enum Reason @open { IDLE LOCKED }
"""


def changed(old: str, new: str) -> list[tuple[str, str]]:
    assert old in SCHEMA
    return [(change.danger, change.description) for change in changes(SCHEMA, SCHEMA.replace(old, new))]


@pytest.mark.parametrize(
    ("old", "new", "danger"),
    [
        ("user(id: ID!): String", "person(id: ID!): String", "breaking"),
        ("user(id: ID!): String", "user(id: ID!, at: String!): String", "breaking"),
        ("user(id: ID!): String", "user(id: ID!, at: String): String", "dangerous"),
        ("tile: Tile", "tile: Tile name: String", "safe"),
        ("{ ACTIVE LOCKED }", "{ ACTIVE }", "breaking"),
        ("{ ACTIVE LOCKED }", "{ ACTIVE LOCKED WAITING }", "breaking"),
        ("{ IDLE LOCKED }", "{ IDLE LOCKED WAITING }", "safe"),
        ("{ IDLE LOCKED }", "{ IDLE }", "breaking"),
        ("enum Tile {", "enum Tile @open {", "dangerous"),
        ("enum Reason @open {", "enum Reason {", "safe"),
    ],
)
def test_a_change_is_breaking_dangerous_or_safe(old: str, new: str, danger: str) -> None:
    found = changed(old, new)

    assert found[0][0] == danger


def test_the_report_groups_the_changes_and_begins_with_the_worst() -> None:
    later = SCHEMA.replace("{ ACTIVE LOCKED }", "{ ACTIVE }").replace("{ IDLE LOCKED }", "{ IDLE LOCKED WAITING }")

    lines = report(changes(SCHEMA, later)).splitlines()

    assert [line for line in lines if not line.startswith("  ")] == ["breaking (1)", "safe (1)"]
    assert "LOCKED" in lines[1]
    assert "WAITING" in lines[3]


def test_equal_schemas_have_no_changes() -> None:
    assert report(changes(SCHEMA, SCHEMA)) == "schema.graphql: no changes"


@pytest.mark.parametrize(
    ("tags", "frozen"), [("", False), ("v0.1.0\nv0.2.0", False), ("v0.2.0\nv1.0.0", True), ("2.3.4", True)]
)
def test_the_schema_is_frozen_by_the_first_tagged_release(tags: str, frozen: bool) -> None:
    assert is_frozen(tags) is frozen
