"""Characters that the database cannot store are refused, and the error names their place."""

from __future__ import annotations

import json

import pytest

from tests.api.graphql.edge import GRAPHQL, Edge, only_error
from tests.api.graphql.endpoint.documents import BOTH, shortened

# ── what cannot be stored ────────────────────────────────────────────────────────────────────────────────────────────

FILTER = "query ($text: String, $filter: Filter, $x: Int) { hello(text: $text, filter: $filter, n: $x) }"


@BOTH
@pytest.mark.parametrize(
    ("variables", "place"),
    [
        ('{"text": "a\\u0000"}', "variables.text"),
        ('{"text": "\\ud800"}', "variables.text"),
        ('{"text": "\\udfffa"}', "variables.text"),
        ('{"filter": {"anyOf": [{}, {"text": "\\u0000"}]}}', "variables.filter.anyOf[1].text"),
        ('{"filter": {"a\\u0000": 1}}', "variables.filter"),
        ('{"a\\ud800": 1}', "variables"),
        ('{"unknown": ["\\u0000"]}', "variables.unknown[0]"),
        ('{"x": 9223372036854775808}', "variables.x"),
        ('{"x": -9223372036854775809}', "variables.x"),
        ('{"x": [1, ' + "9" * 900 + "]}", "variables.x[1]"),
        ('{"x": 1e999}', "variables.x"),
    ],
    ids=shortened,
)
async def test_a_variable_that_cannot_be_stored_is_named(edge: Edge, accept: str, variables: str, place: str) -> None:
    response = await edge.post(f'{{"query": "{FILTER}", "variables": {variables}}}'.encode(), accept)

    code, message = only_error(response)
    assert response.status_code == (400 if accept == GRAPHQL else 200)
    assert code == "BAD_USER_INPUT"
    assert message.startswith(f"{place} ")


@pytest.mark.parametrize("text", ["\U0001f600", "\ud83d\ude00", "žluť\n\t\x7f", "\uffff"])
async def test_every_other_character_is_let_through(edge: Edge, text: str) -> None:
    body = json.dumps({"query": FILTER, "variables": {"text": text}}).encode()

    response = await edge.post(body)

    assert response.json()["data"]["hello"] == text.encode("utf-16", "surrogatepass").decode("utf-16") + " 5"


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ('{ hello(text: "a\\u0000") }', "The argument text of hello "),
        ('{ hello(text: "a\0") }', "The argument text of hello "),
        ('{ hello(text: """a\0""") }', "The argument text of hello "),
        ('{ me { id } a: hello(filter: {anyOf: [{text: "\\u0000"}]}) }', "The argument filter of hello "),
        ("{ hello(n: 9223372036854775808) }", "The argument n of hello "),
        ("{ hello(n: -" + "9" * 5000 + ") }", "The argument n of hello "),
        ("{ rows(first: " + "9" * 5000 + ") { nodes { id } } }", "The argument first of rows "),
        ("{ hello(n: 1e999) }", "The argument n of hello "),
        ('{ hello @include(if: "\\u0000") }', "The argument if of @include "),
        ('query ($t: String = "\\u0000") { hello(text: $t) }', "The default of $t "),
        ('{ ...F } fragment F on Query { hello(text: "\\u0000") }', "The argument text of hello "),
    ],
    ids=shortened,
)
async def test_a_literal_that_cannot_be_stored_is_named(edge: Edge, query: str, place: str) -> None:
    code, message = only_error(await edge.post({"query": query}))

    assert code == "BAD_USER_INPUT"
    assert message.startswith(place)


@pytest.mark.parametrize("query", ['{ hello(text: "\ud800") }', "{ hello # \ud800\n }", "{ \udc00 }", "{ hello\0 }"])
async def test_such_a_character_in_the_document_itself_is_a_syntax_error(edge: Edge, query: str) -> None:
    response = await edge.post({"query": query})

    assert only_error(response)[0] == "GRAPHQL_PARSE_FAILED"


@pytest.mark.parametrize("name", ["A\0", "\ud800"])
async def test_an_operation_name_that_cannot_be_stored_is_named(edge: Edge, name: str) -> None:
    response = await edge.post({"query": "query A { hello }", "operationName": name})

    code, message = only_error(response)
    assert code == "BAD_USER_INPUT"
    assert message.startswith("operationName ")
