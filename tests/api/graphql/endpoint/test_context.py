"""The context that the resolvers of a request get: when it is built."""

from __future__ import annotations

import pytest

from tests.api.graphql.edge import Edge
from tests.api.graphql.endpoint.documents import REQUEST_ERRORS

# ── the context ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_resolvers_see_the_context_that_was_built_for_the_request(edge: Edge) -> None:
    answer = await edge.ask("{ context }")

    assert answer == {"data": {"context": "for request-1"}}


@pytest.mark.parametrize(("query", "variables", "code"), REQUEST_ERRORS)
async def test_no_context_is_built_for_a_document_that_does_not_run(
    edge: Edge, query: str, variables: dict[str, object] | None, code: str
) -> None:
    await edge.post({"query": query, "variables": variables or {"unknown": 1}})

    # Whether variables fit is found out by running.
    assert edge.contexts == (1 if variables is not None else 0)


def test_the_schema_can_be_executed_without_an_event_loop(edge: Edge) -> None:
    result = edge.schema.execute_sync("{ hello }")
    introspected = edge.schema.introspect()

    assert result.data == {"hello": "world 5"}
    assert "__schema" in introspected
