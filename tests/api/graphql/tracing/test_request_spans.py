"""Each request makes one span, named by its operation. Spans contain nothing that the client has sent."""

from __future__ import annotations

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from pydantic import SecretStr

from api.parts import Parts, make_parts
from api.settings.settings import Settings
from models.db.sql import Sql, write
from tests.api.graphql.tracing.canary import SECRET
from tests.support.databases import Database
from tests.support.world import Ask, TestClock, World

SIGN_IN = f'mutation SignIn {{ signIn(input: {{login: "{SECRET}@example.com", password: "{SECRET}"}}) {{ blockers {{ code }} }} }}'


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def parts(db: Database, clock: TestClock, exporter: InMemorySpanExporter) -> Parts:
    """Return the server's parts. They record spans in memory."""
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    settings = Settings(secret_key=SecretStr("a-secret-for-tests-of-32-bytes-or-more"), database_url=db.url)
    return make_parts(settings, clock, tracing=provider)


@pytest.fixture
def spans(exporter: InMemorySpanExporter) -> Spans:
    return Spans(exporter)


class Spans:
    def __init__(self, exporter: InMemorySpanExporter) -> None:
        self._exporter = exporter

    @property
    def requests(self) -> list[ReadableSpan]:
        return [span for span in self._exporter.get_finished_spans() if span.kind is SpanKind.SERVER]

    @property
    def fields(self) -> list[ReadableSpan]:
        return [span for span in self._exporter.get_finished_spans() if span.kind is not SpanKind.SERVER]

    @property
    def text(self) -> str:
        """Return all finished spans as JSON, in the form in which an exporter would get them."""
        return "\n".join(span.to_json() for span in self._exporter.get_finished_spans())


async def test_a_request_is_one_span_named_by_its_operation(world: World, ask: Ask, spans: Spans) -> None:
    ann = await world.mssp_admin()

    reply = await ask("query Tiles { licenseTiles { seatsTotal } portals { nodes { id name } } }", actor=ann)

    (span,) = [span for span in spans.requests if span.name == "query Tiles"]
    assert dict(span.attributes or {}) == {
        "gatehouse.request_id": reply.response.headers["x-request-id"],
        "graphql.operation.type": "query",
        "graphql.operation.name": "Tiles",
    }
    assert span.status.status_code is StatusCode.UNSET


async def test_every_root_field_is_a_span_below_the_requests(world: World, ask: Ask, spans: Spans) -> None:
    ann = await world.mssp_admin()
    await world.users(3, await world.portal())

    await ask("query Lists { users { nodes { id portal { name } } } portals { nodes { id } } }", actor=ann)

    (request,) = [span for span in spans.requests if span.name == "query Lists"]
    below = [span for span in spans.fields if span.parent and span.parent.span_id == request.context.span_id]
    assert sorted(span.name for span in below) == ["Query.portals", "Query.users"]
    assert len(spans.fields) == len(below)


async def test_a_nameless_operation_is_named_by_its_kind(ask: Ask, spans: Spans) -> None:
    await ask("{ __typename }")

    assert [span.name for span in spans.requests] == ["query"]
    assert spans.fields == []


async def test_a_span_continues_the_callers_trace(ask: Ask, spans: Spans) -> None:
    trace, parent = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"

    await ask.client.post(
        "/graphql", json={"query": "{ __typename }"}, headers={"traceparent": f"00-{trace}-{parent}-01"}
    )

    (span,) = spans.requests
    assert format(span.context.trace_id, "032x") == trace
    assert span.parent
    assert format(span.parent.span_id, "016x") == parent


@pytest.mark.parametrize(
    "body",
    [
        {"query": SIGN_IN},
        {"query": f'query Q {{ alias_{SECRET.replace("-", "_")}: nothing(a: "{SECRET}") }}'},
        {"query": f"query Q {{ viewer {SECRET}"},
        {"query": "query Q($a: Int!) { users(first: $a) { totalCount } }", "variables": {"a": SECRET}},
        {"query": "query Q { __typename }", "operationName": SECRET},
        {
            "query": "query Q($a: ID!) { " + SECRET.replace("-", "_") + ": node(id: $a) { id } }",
            "variables": {"a": SECRET},
        },
    ],
    ids=["a literal", "validation", "syntax", "a variable", "a name", "an alias"],
)
async def test_nothing_that_was_sent_is_in_a_span(ask: Ask, spans: Spans, body: dict[str, object]) -> None:
    await ask.client.post("/graphql", json=body, headers={"authorization": f"Bearer {SECRET}"})

    assert len(spans.requests) == 1
    assert SECRET not in spans.text
    assert SECRET.replace("-", "_") not in spans.text


async def test_a_span_names_a_bug_by_its_kind_and_not_by_its_message(ask: Ask, spans: Spans, db: Database) -> None:
    await write(Sql("ALTER TABLE staff_member RENAME TO lost"))

    reply = await ask(SIGN_IN)

    assert reply.codes == ["INTERNAL_SERVER_ERROR"]
    (request,), (field,) = spans.requests, spans.fields
    assert [span.status.status_code for span in (request, field)] == [StatusCode.ERROR] * 2
    assert (request.attributes or {})["error.type"] == (field.attributes or {})["error.type"]
    assert [(span.status.description, list(span.events)) for span in (request, field)] == [(None, [])] * 2
    assert "staff_member" not in spans.text


async def test_a_span_names_a_bug_before_the_first_field_too(world: World, ask: Ask, spans: Spans) -> None:
    ann = await world.mssp_admin()
    await ask("{ __typename }", actor=ann)  # signs in
    await write(Sql("ALTER TABLE staff_member RENAME TO lost"))

    reply = await ask("query Mine { viewer { id } }", actor=ann)

    (span,) = [span for span in spans.requests if span.name == "query Mine"]
    assert reply.codes == ["INTERNAL_SERVER_ERROR"]
    assert (span.status.status_code, span.status.description, list(span.events)) == (StatusCode.ERROR, None, [])


@pytest.mark.parametrize("body", [{"query": ""}, {"query": "subscription { nothing }"}, {"query": "{"}])
async def test_what_is_turned_away_has_a_span_without_a_name(ask: Ask, spans: Spans, body: dict[str, str]) -> None:
    await ask.client.post("/graphql", json=body)

    assert [(span.name, span.status.status_code) for span in spans.requests] == [("GraphQL request", StatusCode.UNSET)]


async def test_a_refusal_is_no_error_of_the_servers(ask: Ask, spans: Spans) -> None:
    await ask("query Mine { users { totalCount } }")

    assert [span.status.status_code for span in (*spans.requests, *spans.fields)] == [StatusCode.UNSET] * 2
