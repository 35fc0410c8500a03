"""Which operation of a document runs, and what its response holds."""

from __future__ import annotations

from tests.api.graphql.edge import GRAPHQL, Edge, only_error
from tests.api.graphql.endpoint.documents import BOTH, TWO_OPERATIONS


async def test_the_named_operation_of_several_runs(edge: Edge) -> None:
    response = await edge.post({"query": TWO_OPERATIONS, "operationName": "B"})

    assert response.json() == {"data": {"me": {"id": "1"}}}


@BOTH
async def test_an_unknown_operation_name_is_a_request_error(edge: Edge, accept: str) -> None:
    response = await edge.post({"query": "query A { hello }", "operationName": "Z"}, accept)

    assert response.status_code == (400 if accept == GRAPHQL else 200)
    assert only_error(response) == ("OPERATION_RESOLUTION_FAILURE", "The document holds no operation named 'Z'.")


async def test_null_parameters_are_as_absent_ones(edge: Edge) -> None:
    response = await edge.post({"query": "{ hello }", "operationName": None, "variables": None, "extensions": None})

    assert response.json() == {"data": {"hello": "world 5"}}


@BOTH
async def test_a_persisted_query_without_its_document_is_not_supported(edge: Edge, accept: str) -> None:
    response = await edge.post({"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0"}}}, accept)

    assert response.status_code == (400 if accept == GRAPHQL else 200)
    assert only_error(response) == ("PERSISTED_QUERY_NOT_SUPPORTED", "PersistedQueryNotSupported")


async def test_a_persisted_query_with_its_document_runs(edge: Edge) -> None:
    response = await edge.post({"query": "{ hello }", "extensions": {"persistedQuery": {"version": 1}}})

    assert response.json() == {"data": {"hello": "world 5"}}
