"""Error messages show a client's values as JSON."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.graphql.edge import Edge
from tests.support.world import Ask

TOLD: dict[str, tuple[str, dict[str, Any], str]] = {
    "null": ("query ($f: Filter!) { hello(filter: $f) }", {"f": None}, "not to be null."),
    "a boolean": ("query ($f: Filter) { hello(filter: $f) }", {"f": True}, "to be an object, found: true."),
    "an object": (
        "query ($f: Filter) { hello(filter: $f) }",
        {"f": {"dryRun": True, "text": None}},
        'unknown field \'dryRun\', found: {"dryRun":true,"text":null}.',
    ),
    "a string": ("query ($n: Int) { hello(n: $n) }", {"n": "it's"}, 'non-integer value: "it\'s"'),
    "a literal": ('{ hello(n: "x") }', {}, 'non-integer value: "x"'),
    "a null in a list": ("{ nodes(ids: [null]) { id } }", {}, "not to be null."),
}


@pytest.mark.parametrize(("query", "variables", "end"), TOLD.values(), ids=TOLD)
async def test_a_value_is_quoted_as_json(query: str, variables: dict[str, Any], end: str) -> None:
    (error,) = (await Edge().ask(query, variables))["errors"]

    assert error["message"].endswith(end)


async def test_only_input_objects_say_whether_they_want_one_field(ask: Ask) -> None:
    query = """{ a: __type(name: "UserSelection") { isOneOf } b: __type(name: "UserFilter") { isOneOf }
                 c: __type(name: "Query") { isOneOf } d: __type(name: "String") { isOneOf } }"""

    reply = await ask(query)

    assert {name: found["isOneOf"] for name, found in reply.data.items()} == {
        "a": True,
        "b": False,
        "c": None,
        "d": None,
    }


async def test_an_unknown_offset_is_refused_and_zulu_is_not(ask: Ask) -> None:
    query = "query ($at: DateTimeOrDuration) { users(filter: {addedAfter: $at}) { totalCount } }"

    refused = await ask(query, at="2026-01-31T00:00:00-00:00")
    taken = await ask(query, at="2026-01-31T00:00:00+00:00")

    assert "RFC 3339 with a time zone" in refused.errors[0]["message"]
    assert taken.codes == ["UNAUTHENTICATED"]


async def test_a_refused_choice_in_a_variable_names_the_variable(ask: Ask) -> None:
    query = "mutation ($users: UserSelection!) { lockUsers(input: {users: $users}) { replayed } }"

    reply = await ask(query, users={"ids": ["x"], "previewId": "y"})

    (error,) = reply.errors
    assert "$users" in error["message"]
    assert error["locations"] == [{"line": 1, "column": 11}]
