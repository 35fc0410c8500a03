"""Every request that was answered is recorded: in the metrics, and in one line of the log."""

from __future__ import annotations

import logging
from itertools import count

import pytest
from structlog.testing import capture_logs

from api.core.request_record import RequestRecord
from tests.api.graphql.edge import GRAPHQL, SECRET, Edge
from tests.support.world import Ask, World


@pytest.fixture
def told() -> list[RequestRecord]:
    return []


@pytest.fixture
def edge(told: list[RequestRecord]) -> Edge:
    """Return an Edge (a GraphQL endpoint with a small schema) that appends the record of each request to `told`.

    The Edge's timer advances by 0.25 seconds at each call.
    """
    ticks = count()
    return Edge(observe=told.append, timer=lambda: next(ticks) / 4)


async def test_an_operation_is_recorded_with_name_kind_and_time(edge: Edge, told: list[RequestRecord]) -> None:
    await edge.post({"query": "query Hello { hello }"})
    await edge.post({"query": "mutation Poke { poke }"})
    await edge.post({"query": "query A { hello } query B { broken }", "operationName": "B"})
    await edge.post({"query": "{ hello }"})

    assert told == [
        RequestRecord("request-1", "Hello", "query", "ok", 0.25),
        RequestRecord("request-2", "Poke", "mutation", "ok", 0.25),
        RequestRecord("request-3", "B", "query", "INTERNAL_SERVER_ERROR", 0.25, fallback="error"),
        RequestRecord("request-4", None, "query", "ok", 0.25),
    ]


@pytest.mark.parametrize(
    ("body", "outcome", "fallback"),
    [
        ({"query": "query Hello {"}, "GRAPHQL_PARSE_FAILED", "refused"),
        ({"query": "query Hello { nothing }"}, "GRAPHQL_VALIDATION_FAILED", "refused"),
        ({"query": "query Hello { hello }", "operationName": "Other"}, "OPERATION_RESOLUTION_FAILURE", "refused"),
        (b"nonsense", "BAD_USER_INPUT", None),
    ],
)
async def test_an_operation_that_never_ran_is_recorded_without_a_name(
    edge: Edge, told: list[RequestRecord], body: object, outcome: str, fallback: str | None
) -> None:
    await edge.post(body)

    assert told == [RequestRecord("request-1", None, None, outcome, 0.25, fallback=fallback)]


async def test_a_context_that_cannot_be_built_is_recorded_with_its_code(edge: Edge, told: list[RequestRecord]) -> None:
    edge.context_fails = ConnectionRefusedError()

    await edge.post({"query": "query Hello { hello }"})

    assert told == [RequestRecord("request-1", "Hello", "query", "UNAVAILABLE", 0.25)]


async def test_a_page_is_no_operation(edge: Edge, told: list[RequestRecord]) -> None:
    await edge.get("text/html")

    assert told == []


async def test_a_long_name_is_cut(edge: Edge, told: list[RequestRecord]) -> None:
    await edge.post({"query": f"query {'N' * 1000} {{ hello }}"})

    assert told[0].operation_name == "N" * 100


# ── the line in the log ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def at_info(caplog: pytest.LogCaptureFixture) -> None:
    """Let the log take lines of the level INFO, as in production. Requests are logged at this level only."""
    caplog.set_level(logging.INFO)


@pytest.mark.usefixtures("at_info")
async def test_every_request_is_one_line_in_the_log(world: World, ask: Ask) -> None:
    ann = await world.mssp_admin()
    await ask("{ __typename }", actor=ann)  # signs in

    with capture_logs() as logs:
        reply = await ask(
            f'query Find($id: ID!) {{ portal(slug: "{SECRET}") {{ id }} node(id: $id) {{ id }} }}', actor=ann, id=SECRET
        )

    (line,) = logs
    assert isinstance(line.pop("milliseconds"), float)
    assert line == {
        "event": "request.completed",
        "log_level": "info",
        "request_id": reply.response.headers["x-request-id"],
        "operation_name": "Find",
        "kind": "query",
        "outcome": reply.codes[0] if reply.codes else "ok",
    }


@pytest.mark.usefixtures("at_info")
async def test_the_line_holds_nothing_that_was_sent_but_the_name(ask: Ask) -> None:
    with capture_logs() as logs:
        await ask(f'query Find {{ nothing(text: "{SECRET}") }}', login=SECRET)
        await ask.client.get("/graphql", params={"query": f'{{ a(b: "{SECRET}") }}'}, headers={"accept": GRAPHQL})

    assert [line["outcome"] for line in logs] == ["GRAPHQL_VALIDATION_FAILED"] * 2
    assert SECRET not in str(logs)
    assert "127.0.0.1" not in str(logs)
