"""Introspection, and names that error messages must not suggest."""

from __future__ import annotations

import pytest
from graphql import get_introspection_query

from tests.api.graphql.edge import Edge

# ── introspection ────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_the_whole_schema_can_be_introspected(edge: Edge) -> None:
    query = get_introspection_query(
        descriptions=True,
        specified_by_url=True,
        directive_is_repeatable=True,
        schema_description=True,
        input_value_deprecation=True,
    )

    answer = await edge.ask(query)

    assert "errors" not in answer
    assert "Row" in {kind["name"] for kind in answer["data"]["__schema"]["types"]}


async def test_introspection_can_be_switched_off() -> None:
    edge = Edge(introspection=False)

    schema = await edge.post({"query": "{ __schema { queryType { name } } }"})
    typename = await edge.ask("{ __typename }")

    assert {error["extensions"]["code"] for error in schema.json()["errors"]} == {"GRAPHQL_VALIDATION_FAILED"}
    assert typename == {"data": {"__typename": "Query"}}


async def test_introspection_does_not_go_round_in_circles(edge: Edge) -> None:
    answer = await edge.ask("{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }")

    assert answer["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


# ── suggestions ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("{ helo }", {}),
        ("{ hello(tex: 1) }", {}),
        ("{ me { ... on Rowe { id } } }", {}),
        ("{ hello(filter: {colour: REED}) }", {}),
        ("{ hello(filter: {colou: RED}) }", {}),
        ("query ($f: Filtre) { hello(filter: $f) }", {}),
        ("query ($f: Filter) { hello(filter: $f) }", {"f": {"colour": "REED"}}),
        ("query ($f: Filter) { hello(filter: $f) }", {"f": {"colou": "RED"}}),
        ("query ($f: Filter) { hello(filter: $f) }", {"f": {"anyOf": [{"tex": 1}]}}),
    ],
)
async def test_no_name_is_suggested(edge: Edge, query: str, variables: dict[str, object]) -> None:
    answer = await edge.ask(query, variables)

    assert answer["errors"]
    assert "Did you mean" not in str(answer)
