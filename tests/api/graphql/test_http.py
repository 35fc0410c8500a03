"""Details of HTTP at the GraphQL endpoint: methods, encodings, the weights in Accept, and the limits of a body."""

from __future__ import annotations

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.graphql.cost.limits import Limits
from api.web.response_headers import Application
from tests.api.graphql.edge import GRAPHQL, JSON, Edge, only_error
from tests.support.databases import on_sqlite
from tests.support.world import Ask

HELLO = {"query": "{ hello }"}
ANSWER = {"data": {"hello": "world 5"}}


@pytest.fixture
def edge() -> Edge:
    return Edge()


# ── methods ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_head_is_answered_as_get_is(edge: Edge) -> None:
    head = await edge.client.head("/graphql", params=HELLO)
    got = await edge.get(JSON, **HELLO)

    assert (head.status_code, head.headers["content-length"]) == (200, got.headers["content-length"])


async def test_a_mutation_is_not_run_by_head(edge: Edge) -> None:
    response = await edge.client.head("/graphql", params={"query": "mutation { poke }"})

    assert (response.status_code, response.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize("accept", ["text/html", "text/plain"])
async def test_an_unsupported_method_is_refused_before_the_media_type(edge: Edge, accept: str) -> None:
    response = await edge.client.put("/graphql", headers={"accept": accept})

    assert (response.status_code, response.headers["allow"]) == (405, "GET, HEAD, POST")


# ── codings and weights ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("coding", ["gzip", "br", "identity, gzip", "nonsense"])
async def test_a_coded_body_is_415_with_the_coding_that_is_taken(edge: Edge, coding: str) -> None:
    response = await edge.post(HELLO, content_encoding=coding)

    assert (response.status_code, response.headers["accept-encoding"]) == (415, "identity")
    assert only_error(response)[0] == "BAD_USER_INPUT"


async def test_a_body_that_says_it_is_not_coded_is_read(edge: Edge) -> None:
    assert (await edge.post(HELLO, content_encoding="Identity")).json() == ANSWER


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("*/*; q=.2", JSON),
        ("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", JSON),
        (f"{JSON};q=.2, {GRAPHQL};q=0.9", GRAPHQL),
        (f"{JSON};q=0.12345, {GRAPHQL};q=.1", JSON),
        (f"{JSON};q=5, {GRAPHQL};q=0.9", JSON),
        (f"{JSON};q=, {GRAPHQL};q=0.9", JSON),
        (f"{JSON};q=high, {GRAPHQL};q=0.9", JSON),
    ],
)
async def test_a_malformed_weight_does_not_make_its_range_vanish(edge: Edge, accept: str, expected: str) -> None:
    response = await edge.post(HELLO, accept)

    assert response.status_code == 200
    assert response.headers["content-type"].startswith(expected)


# ── what a body may hold ─────────────────────────────────────────────────────────────────────────────────────────────


async def test_an_empty_operation_name_is_none_in_a_body_as_in_a_url(edge: Edge) -> None:
    in_body = await edge.post(HELLO | {"operationName": ""})
    in_url = await edge.get(**HELLO, operationName="")

    assert (in_body.json(), in_url.json()) == (ANSWER, ANSWER)


@pytest.mark.parametrize("key", ["x", "Query", "id", "\ud800"])
async def test_a_key_that_no_request_has_is_refused(edge: Edge, key: str) -> None:
    response = await edge.post(HELLO | {key: 1})

    assert response.status_code == 400
    assert only_error(response)[1].startswith("The body may hold query, operationName, variables and extensions")


@pytest.mark.parametrize("place", ["zz", "extensions", "variables"])
@pytest.mark.parametrize("value", ["[],", "{},", "1,", "[1],"])
async def test_a_body_of_too_many_values_is_refused_before_it_is_decoded(place: str, value: str) -> None:
    edge = Edge(Limits(structure=1000))
    body = f'{{"query": "{{ hello }}", "{place}": {{"a": [{value * 1000} 0], !}}}}'  # not JSON at its end

    response = await edge.post(body.encode())

    assert response.status_code == 400
    assert only_error(response) == (
        "TOO_COMPLEX",
        "Too complex: the body holds more than 1000 lists, objects and commas.",
    )


# ── what cannot be answered ──────────────────────────────────────────────────────────────────────────────────────────


async def test_the_answer_to_a_failure_has_the_headers_too() -> None:
    async def broken(_: Request) -> Response:
        raise RuntimeError

    application = Application(is_public=False, routes=[Route("/graphql", broken)])
    transport = httpx.ASGITransport(application, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        answer = await client.get("/graphql")

    assert (answer.status_code, answer.headers["cache-control"]) == (500, "no-store")


# ── secrets ──────────────────────────────────────────────────────────────────────────────────────────────────────────

PREVIEW = 'query A { invitationPreview(token: "secret") { state } }'
BY_FRAGMENT = "query ($t: String!) { ...F } fragment F on Query { a: invitationPreview(token: $t) { state } }"


@on_sqlite
@pytest.mark.parametrize(
    "parameters",
    [{"query": PREVIEW}, {"query": BY_FRAGMENT, "variables": '{"t": "secret"}'}],
    ids=["field", "fragment"],
)
async def test_a_field_that_takes_a_token_is_asked_by_post_only(ask: Ask, parameters: dict[str, str]) -> None:
    by_url = await ask.client.get("/graphql", params=parameters)
    by_post = await ask.client.post("/graphql", json={"query": PREVIEW})

    assert (by_url.status_code, by_url.headers["allow"]) == (405, "POST")
    assert only_error(by_url)[1] == "Send this by POST: it takes a secret, and URLs are kept in logs."
    assert by_post.json() == {"data": {"invitationPreview": None}}


@on_sqlite
async def test_the_name_of_such_a_field_elsewhere_is_no_matter(ask: Ask) -> None:
    response = await ask.client.get("/graphql", params={"query": "{ invitationPreview: __typename }"})

    assert response.json() == {"data": {"invitationPreview": "Query"}}
