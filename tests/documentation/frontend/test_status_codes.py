"""The table of HTTP status codes in docs/frontend.md is complete, and the server answers as it says."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

import httpx
import pytest

from rules.messages.rate_limits import RequestMessage
from rules.refusals import Refusal
from tests.api.graphql.edge import GRAPHQL, Edge
from tests.support.databases import on_sqlite
from tests.support.processes.commands import ROOT
from tests.support.world import Ask, World

GUIDE = (ROOT / "docs" / "frontend.md").read_text()
MUTATION = "mutation { poke }"


async def whole(edge: Edge, problem: Exception) -> httpx.Response:
    """Return the answer to a request that fails before its operation is executed."""
    edge.context_fails = problem
    return await edge.post({"query": "{ hello }"})


ANSWERS: dict[int, Callable[[Edge], Awaitable[httpx.Response]]] = {
    200: lambda edge: edge.post({"query": "{ hello }"}),
    400: lambda edge: edge.post({"query": "{ nothing }"}),
    405: lambda edge: edge.get(GRAPHQL, query=MUTATION),
    406: lambda edge: edge.post({"query": "{ hello }"}, "text/plain"),
    413: lambda edge: edge.post(b" " * (64 * 1024 + 1)),
    415: lambda edge: edge.post({"query": "{ hello }"}, content_type="text/plain"),
    429: lambda edge: whole(edge, Refusal(RequestMessage.LARGE_REQUESTS, requests=9)),
    500: lambda edge: whole(edge, RuntimeError()),
    503: lambda edge: whole(edge, ConnectionResetError()),
}


def test_the_table_has_every_status() -> None:
    assert [int(status) for status in re.findall(r"^\| (\d{3}) \|", GUIDE, re.MULTILINE)] == list(ANSWERS)


@pytest.mark.parametrize("status", ANSWERS)
async def test_the_endpoint_answers_each_status(status: int) -> None:
    answer = await ANSWERS[status](Edge())

    assert answer.status_code == status


@on_sqlite
async def test_a_missing_access_token_is_answered_200_with_the_code_unauthenticated(world: World, ask: Ask) -> None:
    reply = await ask("{ users { totalCount } }")

    assert (reply.response.status_code, reply.data, reply.codes) == (200, {"users": None}, ["UNAUTHENTICATED"])
