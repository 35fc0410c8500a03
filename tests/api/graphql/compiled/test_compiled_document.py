"""Which operations are compiled, and why the others are not."""

from __future__ import annotations

from typing import Any

import pytest

from api.core.request_record import RequestRecord
from api.graphql.compiled.compiled_document import MOST_VARIANTS, Fallback
from api.graphql.cost.limits import DEFAULT_LIMITS, Limits
from tests.api.graphql.edge import Edge


def an_edge(limits: Limits = DEFAULT_LIMITS) -> tuple[Edge, list[RequestRecord]]:
    """Return a GraphQL endpoint with a small schema, and the list that receives the records of its requests."""
    records: list[RequestRecord] = []
    return Edge(limits, observe=records.append), records


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("{ hello me { id name } }", {}),
        (
            "query ($n: Int!, $yes: Boolean!) { a: hello(n: $n) @include(if: $yes) b: hello @skip(if: $yes) }",
            {"n": 1, "yes": True},
        ),
        ("{ ...F } fragment F on Query { rows(first: 200) { totalCount nodes { id me { name } } } }", {}),
        ("mutation { poke again: poke }", {}),
    ],
)
async def test_an_operation_is_compiled(query: str, variables: dict[str, Any]) -> None:
    edge, records = an_edge()

    answer = await edge.ask(query, variables)

    assert "errors" not in answer
    assert [record.fallback for record in records] == [None]


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("{ __schema { queryType { name } } }", Fallback.INTROSPECTION),
        ("{ nothing }", Fallback.REFUSED),
        ("{", Fallback.REFUSED),
        ("query ($n: Int!) { hello(n: $n) }", Fallback.REFUSED),
        ("{ broken }", Fallback.ERROR),
        ("{ required }", Fallback.ERROR),
        ('{ refused(code: "NOT_FOUND") }', Fallback.ERROR),
    ],
)
async def test_graphql_core_executes_the_others_and_the_record_says_why(query: str, reason: Fallback) -> None:
    edge, records = an_edge()

    await edge.ask(query)

    assert [record.fallback for record in records] == [reason]


async def test_a_document_that_is_not_cached_is_not_compiled() -> None:
    edge, records = an_edge(Limits(kept_document=10))

    answer = await edge.ask("{ hello }")

    assert answer["data"] == {"hello": "world 5"}
    assert [record.fallback for record in records] == [Fallback.NOT_CACHED]


async def test_a_document_has_a_bounded_number_of_variants() -> None:
    edge, records = an_edge()
    names = [f"v{i}" for i in range(MOST_VARIANTS)]
    heads = ", ".join(f"${name}: Boolean!" for name in names)
    fields = " ".join(f"{name}: hello @include(if: ${name})" for name in names)

    for chosen in [*names, "none"]:
        answer = await edge.ask(f"query ({heads}) {{ {fields} }}", {name: name == chosen for name in names})
        assert list(answer["data"]) == [name for name in names if name == chosen]

    assert [record.fallback for record in records] == [None] * MOST_VARIANTS + [Fallback.VARIANTS]
