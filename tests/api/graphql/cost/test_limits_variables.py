"""The cost depends on the variables. The variables have limits too."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from graphql import DocumentNode, GraphQLSchema, OperationDefinitionNode, parse

from api.graphql.cost.complexity import Complexity
from api.graphql.cost.limits import DEFAULT_LIMITS, Limits
from rules.refusals import Refusal
from tests.api.graphql.cost.nesting import SCHEMA, deep
from tests.api.graphql.edge import Edge, only_error


def check_cost(document: DocumentNode, limits: Limits, schema: GraphQLSchema = SCHEMA) -> None:
    """Raise Refusal if the document's first operation costs more than `limits` allow."""
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    Complexity(document, schema, replace(limits, light=0)).cost(operation, {}, 0)


# ── cost with variables ──────────────────────────────────────────────────────────────────────────────────────────────

PAGES = """query ($n: Int, $m: Int = 100, $ids: [ID!] = ["1"]) {
  nodes(ids: $ids) { rows(first: $n) { nodes { rows(first: $m) { nodes { rows(first: 10) { totalCount } } } } } }
}"""


@pytest.mark.parametrize(
    ("variables", "fits"),
    [
        ({"n": 10}, True),
        ({"n": 100}, True),
        ({"n": 100, "m": 1}, True),
        ({"n": 1, "m": 100, "ids": ["1"] * 100}, True),
        ({"n": 100, "m": 100, "ids": ["1", "2", "3"]}, True),
        ({"n": 100, "m": 100, "ids": ["1"] * 4}, False),
        ({"n": 100, "ids": ["1"] * 4}, False),
        ({"n": 100, "m": None, "ids": ["1"] * 4}, True),
        ({"ids": ["1"] * 4}, True),
        ({"ids": ["1"] * 1000}, False),
        ({"n": 1_000_000, "ids": ["1"] * 4}, False),
        ({"n": -1_000_000, "ids": ["1"] * 1000}, False),
        ({"n": 0, "ids": ["1"] * 1000}, False),
        ({"n": "1", "ids": ["1"] * 1000}, False),
        ({"n": True, "m": 100, "ids": ["1"]}, True),
    ],
)
def test_the_cost_follows_the_variables(edge: Edge, variables: dict[str, object], fits: bool) -> None:
    document = edge.schema.documents.read(PAGES)

    try:
        document.check(None, variables, DEFAULT_LIMITS)
    except Refusal as refusal:
        answer = str(refusal)
    else:
        answer = ""

    assert answer == (
        "" if fits else "Too complex: the answer may hold more than 100000 values; ask for shorter pages."
    )


async def test_a_page_that_is_too_long_costs_no_more_than_the_longest(edge: Edge) -> None:
    answer = await edge.ask("{ rows(first: 1000) { totalCount nodes { id } } }")

    assert answer["data"]["rows"]["totalCount"] == 1000


async def test_the_cost_is_that_of_the_operation_that_runs(edge: Edge) -> None:
    costly = "query Costly { rows { nodes { rows { nodes { rows { nodes { id } } } } } } }"

    cheap = await edge.post({"query": f"query Cheap {{ hello }} {costly}", "operationName": "Cheap"})
    refused = await edge.post({"query": f"query Cheap {{ hello }} {costly}", "operationName": "Costly"})

    assert cheap.json() == {"data": {"hello": "world 5"}}
    assert only_error(refused)[0] == "TOO_COMPLEX"


@pytest.mark.parametrize(
    ("query", "cost"),
    [
        ("{ hello }", 1),
        ("{ me { id name } }", 3),
        ("{ rows(first: 10) { totalCount nodes { id name } } }", 1 + 1 + 10 * 3),
        ("{ rows { nodes { id } } }", 1 + 50 * 2),
        ("{ rows(last: 7) { edges { cursor node { id } } } }", 1 + 7 * 4),
        ("{ rows(first: 3, last: 7) { nodes { id } } }", 1 + 7 * 2),
        ("{ rows(first: 500) { nodes { id } } }", 1 + 100 * 2),
        ("{ rows(first: 3) { ...R } } fragment R on Rows { totalCount nodes { id } }", 1 + 1 + 3 * 2),
        ("{ rows(first: 3) { ... { nodes { id rows(first: 4) { nodes { id } } } } } }", 1 + 3 * (2 + 1 + 4 * 2)),
        ('{ nodes(ids: ["1", "2", "3"]) { id } }', 1 + 3 + 3 * 1),
        ("{ me { id @skip(if: true) ... @include(if: false) { name } } }", 3),
        ("mutation { poke rows { nodes { id } } }", 1 + 1 + 50 * 2),
    ],
)
def test_the_cost_is_the_number_of_values_that_the_answer_may_hold(query: str, cost: int) -> None:
    fits, refused = replace(DEFAULT_LIMITS, cost=cost), replace(DEFAULT_LIMITS, cost=cost - 1)
    document = parse(query)

    check_cost(document, fits)

    with pytest.raises(Refusal, match="Too complex: the answer may hold"):
        check_cost(document, refused)


# ── time ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_query_that_takes_too_long_is_ended_and_answered_with_unavailable() -> None:
    response = await Edge(Limits(seconds=0)).post({"query": "{ hello waiting }"})

    assert response.status_code == 503
    assert only_error(response) == (
        "UNAVAILABLE",
        "This took longer than 0 seconds. Ask for less at once, or try again later.",
    )


async def test_a_mutation_is_never_cut_short() -> None:
    assert await Edge(Limits(seconds=0)).ask("mutation { poke }") == {"data": {"poke": "poked"}}


# ── variables ────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_variables_may_be_20_deep(edge: Edge) -> None:
    query = "query ($f: Filter) { hello(filter: $f) }"
    fits, refused = ({"f": json.loads(deep(depth, '{"anyOf":[', "{}", "]}"))} for depth in (9, 10))

    answers = [
        (await edge.post({"query": query, "variables": variables}, authorization="Bearer x")).json()
        for variables in (fits, refused)
    ]

    assert answers[0] == {"data": {"hello": "world 5"}}
    assert answers[1]["errors"][0]["message"] == ("Too complex: the variables are nested more than 20 deep.")


async def test_variables_may_hold_50_000_values(edge: Edge) -> None:
    query = "query ($f: Filter) { hello(filter: $f) }"
    fits, refused = ({"f": {}, "unknown": [1] * length} for length in (49_998, 49_999))

    answers = [
        (await edge.post({"query": query, "variables": variables}, authorization="Bearer x")).json()
        for variables in (fits, refused)
    ]

    assert answers[0] == {"data": {"hello": "world 5"}}
    assert answers[1]["errors"][0]["extensions"]["code"] == "TOO_COMPLEX"
