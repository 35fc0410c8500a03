"""Requests by GET, other methods, and the page for browsers."""

from __future__ import annotations

import pytest

from tests.api.graphql.edge import GRAPHQL, JSON, Edge, only_error
from tests.api.graphql.endpoint.documents import BOTH

# ── GET and other methods ────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_query_can_be_asked_by_url(edge: Edge) -> None:
    response = await edge.get(
        query="query A { me { id } } query B($n: Int) { hello(n: $n) }", operationName="B", variables='{"n": 7}'
    )

    assert response.status_code == 200
    assert response.json() == {"data": {"hello": "world 7"}}


async def test_empty_parameters_of_a_url_are_as_absent_ones(edge: Edge) -> None:
    response = await edge.get(query="query A { hello }", operationName="", variables="", extensions="", other="")

    assert response.json() == {"data": {"hello": "world 5"}}


async def test_a_url_can_name_an_operation_null(edge: Edge) -> None:
    response = await edge.get(query="query null { hello } query A { me { id } }", operationName="null")

    assert response.json() == {"data": {"hello": "world 5"}}


@BOTH
@pytest.mark.parametrize(
    "url",
    [
        "",
        "?query=%7Bhello%7D&query=%7Bhello%7D",
        "?query=%7Bhello%7D&variables=%5B1%5D",
        "?query=%7Bhello%7D&variables=1",
        "?query=%7Bhello%7D&variables=%7B",
        "?query=%7Bhello%7D&variables=%7B%22n%22:NaN%7D",
        "?query=%7Bhello%7D&variables=%7B%7D&variables=%7B%7D",
        "?query=%7Bhello%7D&extensions=%22x%22",
        "?query=%ff",
    ],
)
async def test_a_url_that_holds_no_request_is_400(edge: Edge, accept: str, url: str) -> None:
    response = await edge.client.get(f"/graphql{url}", headers={"accept": accept})

    assert response.status_code == 400
    assert only_error(response)[0] == "BAD_USER_INPUT"


@BOTH
async def test_a_mutation_by_url_is_not_allowed(edge: Edge, accept: str) -> None:
    response = await edge.get(accept, query="query A { hello } mutation B { poke }", operationName="B")

    assert response.status_code == 405
    assert response.headers["allow"] == "POST"
    assert only_error(response)[0] == "BAD_USER_INPUT"
    assert edge.contexts == 0


async def test_a_mutation_by_post_runs(edge: Edge) -> None:
    response = await edge.post({"query": "mutation { poke }"})

    assert response.json() == {"data": {"poke": "poked"}}


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "QUERY"])
async def test_other_methods_are_not_allowed(edge: Edge, method: str) -> None:
    response = await edge.client.request(method, "/graphql", headers={"accept": GRAPHQL})

    assert response.status_code == 405
    assert response.headers["allow"] == "GET, HEAD, POST"
    assert only_error(response)[0] == "BAD_USER_INPUT"


# ── the page ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "accept", ["text/html", "text/html,application/xhtml+xml,*/*;q=0.8", f"{JSON}, text/html;q=0.1"]
)
async def test_a_browser_is_shown_the_page(edge: Edge, accept: str) -> None:
    response = await edge.get(accept)

    assert response.headers["content-type"].startswith("text/html")
    assert response.text == "<h1>GraphiQL</h1>"


@pytest.mark.parametrize("accept", ["*/*", "text/*", JSON, f"text/html;q=0, {JSON}"])
async def test_who_does_not_name_html_is_not_shown_the_page(edge: Edge, accept: str) -> None:
    response = await edge.get(accept)

    assert response.headers["content-type"].startswith(JSON)


async def test_a_browser_that_brings_a_query_is_answered_it(edge: Edge) -> None:
    response = await edge.get("text/html,*/*;q=0.8", query="{ hello }")

    assert response.json() == {"data": {"hello": "world 5"}}


async def test_without_a_page_a_browser_gets_the_list_of_what_is_served() -> None:
    response = await Edge(page=False).get("text/html")

    assert response.status_code == 406
