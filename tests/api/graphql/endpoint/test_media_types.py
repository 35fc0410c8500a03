"""Media types, headers and status codes of the endpoint's responses."""

from __future__ import annotations

import pytest

from tests.api.graphql.edge import GRAPHQL, JSON, Edge, only_error
from tests.api.graphql.endpoint.documents import REQUEST_ERRORS

# ── what the answer's media type is ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, JSON),
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (JSON, JSON),
        (GRAPHQL, GRAPHQL),
        (f"{GRAPHQL}; charset=utf-8, {JSON}; charset=utf-8", GRAPHQL),
        (f"{GRAPHQL}, {JSON};q=0.9", GRAPHQL),
        (f"{GRAPHQL};q=0.8, {JSON};q=0.9", JSON),
        (f"{JSON}, {GRAPHQL}", JSON),
        (f"{JSON};q=0, */*", GRAPHQL),
        (f"*/*, {GRAPHQL}", GRAPHQL),
        (f"text/event-stream, multipart/mixed, {GRAPHQL}", GRAPHQL),
        ("text/html,application/xhtml+xml,*/*;q=0.8", JSON),
        (GRAPHQL.upper(), GRAPHQL),
    ],
)
async def test_the_client_chooses_the_media_type(edge: Edge, accept: str | None, expected: str) -> None:
    response = await edge.post({"query": "{ hello }"}, accept)

    assert response.status_code == 200
    assert response.headers["content-type"] == f"{expected}; charset=utf-8"
    assert response.json() == {"data": {"hello": "world 5"}}


@pytest.mark.parametrize(
    "accept",
    ["text/plain", "text/html", f"{JSON};q=0", f"{JSON};charset=utf-16", "application/graphql+json", "nonsense"],
)
async def test_what_accepts_no_json_is_not_acceptable(edge: Edge, accept: str) -> None:
    response = await edge.post({"query": "{ hello }"}, accept)

    assert response.status_code == 406
    assert response.headers["content-type"] == f"{JSON}; charset=utf-8"
    assert only_error(response)[0] == "BAD_USER_INPUT"


async def test_every_answer_has_a_request_id_and_varies_by_accept(edge: Edge) -> None:
    answers = [
        await edge.post({"query": "{ hello }"}),
        await edge.post({"query": "{"}),
        await edge.post(b"nonsense"),
        await edge.post({"query": "{ broken }"}),
        await edge.post({"query": "{ hello }"}, "text/plain"),
        await edge.get("text/html"),
        await edge.client.delete("/graphql"),
    ]

    assert [answer.headers["x-request-id"] for answer in answers] == [f"request-{n}" for n in range(1, 8)]
    assert {answer.headers["vary"] for answer in answers} == {"Accept"}


@pytest.mark.parametrize(("query", "variables", "code"), REQUEST_ERRORS)
async def test_a_request_error_is_400_without_data(
    edge: Edge, query: str, variables: dict[str, object] | None, code: str
) -> None:
    response = await edge.post({"query": query, "variables": variables})

    assert response.status_code == 400
    assert only_error(response)[0] == code


@pytest.mark.parametrize(("query", "variables", "code"), REQUEST_ERRORS)
async def test_a_request_error_is_200_for_those_who_accept_only_json(
    edge: Edge, query: str, variables: dict[str, object] | None, code: str
) -> None:
    response = await edge.post({"query": query, "variables": variables}, JSON)

    assert response.status_code == 200
    assert only_error(response)[0] == code


async def test_a_field_error_is_200_with_data(edge: Edge) -> None:
    response = await edge.post({"query": '{ hello refused(code: "FORBIDDEN") }'})

    assert response.status_code == 200
    assert response.json()["data"] == {"hello": "world 5", "refused": None}
    assert response.json()["errors"][0]["path"] == ["refused"]


async def test_an_error_in_a_required_field_is_200_with_null_data(edge: Edge) -> None:
    response = await edge.post({"query": "{ required }"})

    assert response.status_code == 200
    assert response.json()["data"] is None
