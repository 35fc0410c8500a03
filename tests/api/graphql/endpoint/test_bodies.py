"""Request bodies: their form, content type and length."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from api.graphql.cost.limits import Limits
from tests.api.graphql.edge import JSON, Edge, only_error
from tests.api.graphql.endpoint.documents import BOTH, shortened

# ── bodies that are no request ───────────────────────────────────────────────────────────────────────────────────────


@BOTH
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"1",
        b'"x"',
        b"true",
        b"[]",
        b'[{"query": "{ hello }"}]',
        b"{",
        b'{"query": "{ hello }"} x',
        b'{"query": "{ hello }',
        b'\xef\xbb\xbf{"query": "{ hello }"}',
        '{"query": "{ hello }"}'.encode("utf-16"),
        b'{"query": "{ hello }", "x": "\xff"}',
        b'{"query": "{ hello }", "variables": {"n": NaN}}',
        b'{"query": "{ hello }", "variables": {"n": -Infinity}}',
        b'{"query": "{ hello }", "variables": {"n": ' + b"9" * 5000 + b"}}",
        b'{"query": "{ hello }", "variables": {"n": ' + b"[" * 30_000 + b"]" * 30_000 + b"}}",
        b'{"a":' * 13_000,
        b'{"query": "{ hello }", "query": "{ me { id } }"}',
        b'{"query": "{ hello }", "variables": {"n": 1, "n": 2}}',
        b"query=%7Bhello%7D",
        b"{}",
        b'{"qeury": "{ hello }"}',
        b'{"query": null}',
        b'{"query": 1}',
        b'{"query": ["{ hello }"]}',
        b'{"query": {"text": "{ hello }"}}',
        b'{"query": "{ hello }", "operationName": 1}',
        b'{"query": "{ hello }", "operationName": {}}',
        b'{"query": "{ hello }", "variables": "{}"}',
        b'{"query": "{ hello }", "variables": []}',
        b'{"query": "{ hello }", "variables": 0}',
        b'{"query": "{ hello }", "variables": false}',
        b'{"query": "{ hello }", "extensions": []}',
        b'{"query": "{ hello }", "extensions": "x"}',
        b'{"extensions": ["persistedQuery"]}',
    ],
    ids=shortened,
)
async def test_a_body_that_is_no_request_is_400_whatever_is_accepted(edge: Edge, accept: str, body: bytes) -> None:
    response = await edge.post(body, accept)

    assert response.status_code == 400
    assert only_error(response)[0] == "BAD_USER_INPUT"
    assert edge.contexts == 0


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json; charset=utf-8",
        'application/json;charset="UTF-8"',
        "Application/JSON",
    ],
)
async def test_a_body_is_json_in_utf_8(edge: Edge, content_type: str) -> None:
    response = await edge.post('{"query": "{ hello(text: \\"žluť\\") }"}'.encode(), content_type=content_type)

    assert response.json() == {"data": {"hello": "žluť 5"}}


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/jsonp",
        "application/json-seq",
        "application/graphql",
        "application/graphql+json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json, text/plain",
        "application/json; charset=utf-16",
        "application/json; charset=latin-1",
    ],
)
async def test_another_content_type_is_415(edge: Edge, content_type: str) -> None:
    response = await edge.post(b'{"query": "{ hello }"}', content_type=content_type)

    assert response.status_code == 415
    assert only_error(response)[0] == "BAD_USER_INPUT"


async def test_no_content_type_and_two_of_them_are_415(edge: Edge) -> None:
    body = b'{"query": "{ hello }"}'
    none = await edge.client.post("/graphql", content=body)
    two = await edge.client.post("/graphql", content=body, headers=[("content-type", JSON), ("content-type", JSON)])

    assert [none.status_code, two.status_code] == [415, 415]


@pytest.mark.parametrize(("headers", "most"), [({}, 64 * 1024), ({"authorization": "Bearer x"}, 1024 * 1024)])
async def test_a_body_may_be_longer_with_an_authorization(edge: Edge, headers: dict[str, str], most: int) -> None:
    empty = json.dumps({"query": "{ hello }", "extensions": {"x": ""}})
    longest = json.dumps({"query": "{ hello }", "extensions": {"x": "y" * (most - len(empty))}}).encode()

    fits, too_long = await edge.post(longest, **headers), await edge.post(longest + b" ", **headers)

    assert len(longest) == most
    assert fits.status_code == 200
    assert too_long.status_code == 413
    assert only_error(too_long) == ("BAD_USER_INPUT", f"The body is longer than {most} bytes.")


async def test_a_body_that_announces_its_length_is_refused_unread(edge: Edge) -> None:
    read = []

    async def body() -> AsyncIterator[bytes]:
        read.append(1)
        yield b"{}"

    response = await edge.client.post(
        "/graphql", content=body(), headers={"content-type": JSON, "content-length": "9999999"}
    )

    assert response.status_code == 413
    assert response.headers["connection"] == "close"
    assert read == []


@pytest.mark.parametrize("length", [None, "10", "0", "-1", "many"])
async def test_a_body_that_does_not_tell_its_length_is_read_no_further_than_the_limit(
    length: str | None,
) -> None:
    edge = Edge(Limits(body=1000))
    read = []

    async def body() -> AsyncIterator[bytes]:
        for _ in range(1000):
            read.append(100)
            yield b" " * 100

    announced = {"content-length": length} if length else {}
    response = await edge.client.post("/graphql", content=body(), headers={"content-type": JSON} | announced)

    assert response.status_code == 413
    assert sum(read) < 1300


async def answers_to(edge: Edge, *messages: dict[str, object]) -> list[Any]:
    """Send the ASGI messages `messages` to the endpoint, and return the messages that it sends."""
    sent: list[Any] = []
    coming: Iterator[dict[str, object]] = iter(messages)

    async def receive() -> dict[str, object]:
        return next(coming)

    async def send(message: object) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/graphql", "headers": [(b"content-type", b"application/json")]}
    await edge.endpoint(scope, receive, send)
    return sent


async def test_a_client_that_leaves_amid_its_body_is_not_answered(edge: Edge) -> None:
    sent = await answers_to(
        edge, {"type": "http.request", "body": b'{"qu', "more_body": True}, {"type": "http.disconnect"}
    )

    assert sent == []


async def test_a_mutation_goes_on_if_its_client_leaves_after_the_body(edge: Edge) -> None:
    body = {"type": "http.request", "body": b'{"query": "mutation { poke }"}', "more_body": False}

    sent = await answers_to(edge, body, {"type": "http.disconnect"})

    assert sent[-1]["body"] == b'{"data":{"poke":"poked"}}'
