import logging
from collections.abc import Iterator, MutableMapping
from typing import Any

import pytest
from structlog.testing import capture_logs

from api.graphql.cost.limits import Limits
from rules.messages.operator import OperatorMessage
from rules.messages.rate_limits import RequestMessage
from rules.refusals import REQUEST_CODES, Code, Refusal
from tests.api.graphql.edge import GRAPHQL, JSON, LATER, SECRET, Edge, only_error

BUSY = "You have 9 large requests under way. Wait for their answers before you send more."
BOTH = pytest.mark.parametrize("accept", [GRAPHQL, JSON])
Logs = list[MutableMapping[str, Any]]


@pytest.fixture
def edge() -> Edge:
    return Edge()


@pytest.fixture
def logs() -> Iterator[Logs]:
    with capture_logs() as captured:
        yield captured


async def test_a_bug_is_masked_and_gives_a_number_to_quote(edge: Edge) -> None:
    answer = await edge.ask("{ hello broken }")

    assert answer == {
        "errors": [
            {
                "message": "Something went wrong on our side. Quote request id request-1 when you report it.",
                "locations": [{"line": 1, "column": 9}],
                "path": ["broken"],
                "extensions": {"code": "INTERNAL_SERVER_ERROR", "requestId": "request-1"},
            }
        ],
        "data": {"hello": "world 5", "broken": None},
    }


async def test_a_bug_is_logged_with_its_place_and_without_what_it_says(
    edge: Edge, logs: Logs, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    await edge.ask(
        f'query Panel($t: String) {{ hello(text: $t) me {{ name @skip(if: true) id }} broken a: hello(text: "{SECRET}") }}',
        {"t": SECRET},
    )

    (log,) = logs
    assert (log["event"], log["log_level"]) == ("request.failed", "error")
    assert (log["request_id"], log["operation_name"]) == ("request-1", "Panel")
    assert log["exception"] == "builtins.RuntimeError"
    assert log["frames"][-1].startswith(__file__.replace("test_error_masking", "edge"))
    assert log["frames"][-1].endswith(" broken")
    assert [cause["exception"] for cause in log["causes"]] == ["builtins.KeyError"]
    assert SECRET not in str(log)
    assert "skip" not in str(log)
    assert {record.name for record in caplog.records} == {"httpx"}


async def test_a_bug_in_every_row_is_logged_once(edge: Edge, logs: Logs) -> None:
    answer = await edge.ask("{ rows(first: 3) { nodes { broken } } }")

    assert len(answer["errors"]) == 1
    assert len(logs) == 1


async def test_what_the_client_did_wrong_is_not_logged(
    edge: Edge, logs: Logs, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    for query in (
        "{",
        "{ nothing }",
        "query ($n: Int!) { hello(n: $n) }",
        '{ refused(code: "FORBIDDEN") }',
        "{ a b }" * 9,
    ):
        assert "errors" in await edge.ask(query, {"n": SECRET})

    assert logs == []
    assert {record.name for record in caplog.records} == {"httpx"}


@pytest.mark.parametrize("code", REQUEST_CODES)
async def test_a_refusal_of_a_request_says_what_it_says(edge: Edge, code: Code) -> None:
    answer = await edge.ask(f'{{ refused(code: "{code}") }}')

    (error,) = answer["errors"]
    assert error["message"] == (BUSY if code is Code.RATE_LIMITED else "The rule says no.")
    assert error["extensions"]["code"] == code
    assert answer["data"] == {"refused": None}


async def test_a_refusal_tells_when_to_try_again(edge: Edge) -> None:
    answer = await edge.ask('{ refused(code: "RATE_LIMITED") }')

    assert answer["errors"][0]["extensions"] == {"code": "RATE_LIMITED", "retryAt": "2030-01-01T12:30:00.123Z"}


async def test_a_refusal_that_belongs_to_a_user_or_a_mutation_is_a_bug_at_the_top(edge: Edge, logs: Logs) -> None:
    answer = await edge.ask('{ refused(code: "LAST_ADMIN") }')

    assert answer["errors"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert "MSSP admin" not in str(answer)
    assert [log["exception"] for log in logs] == ["rules.refusals.Refusal"]


async def test_an_exception_that_means_a_refusal_is_translated(edge: Edge, logs: Logs) -> None:
    answer = await edge.ask("{ lost }")

    assert answer["errors"][0]["message"] == "Try again in a moment."
    assert answer["errors"][0]["extensions"] == {"code": "UNAVAILABLE"}
    assert [(log["event"], log["log_level"], log["exception"]) for log in logs] == [
        ("request.refused", "warning", "builtins.ConnectionRefusedError")
    ]


@BOTH
@pytest.mark.parametrize(
    ("failure", "code", "statuses"),
    [
        (Refusal(RequestMessage.LARGE_REQUESTS, retry_at=LATER, requests=9), "RATE_LIMITED", (429, 200)),
        (Refusal(Code.FORBIDDEN, "Not from here."), "FORBIDDEN", (400, 200)),
        (ConnectionResetError(SECRET), "UNAVAILABLE", (503, 503)),
        (RuntimeError(SECRET), "INTERNAL_SERVER_ERROR", (500, 500)),
        (ValueError(SECRET), "INTERNAL_SERVER_ERROR", (500, 500)),
        (Refusal(OperatorMessage.NO_SUCH_MSSP, name=SECRET), "INTERNAL_SERVER_ERROR", (500, 500)),
    ],
)
async def test_a_context_that_cannot_be_built_fails_the_request(
    edge: Edge, accept: str, failure: Exception, code: str, statuses: tuple[int, int]
) -> None:
    edge.context_fails = failure

    response = await edge.post({"query": "{ hello }"}, accept)

    assert response.status_code == statuses[accept == JSON]
    assert only_error(response)[0] == code
    assert SECRET not in response.text


async def test_a_page_that_fails_is_masked_too(edge: Edge, logs: Logs) -> None:
    edge.page_fails = RuntimeError(SECRET)

    response = await edge.get("text/html")

    assert response.status_code == 500
    assert only_error(response)[0] == "INTERNAL_SERVER_ERROR"
    assert [log["exception"] for log in logs] == ["builtins.RuntimeError"]


async def test_an_answer_that_json_cannot_hold_is_masked_too(edge: Edge, logs: Logs) -> None:
    response = await edge.post({"query": "{ hello tooGreat }"})

    assert response.status_code == 500
    assert only_error(response)[0] == "INTERNAL_SERVER_ERROR"
    assert len(logs) == 1


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("query ($n: Int = 5) { context hello(n: $n) }", {"n": None}),
        ("query ($i: Boolean = true) { context hello @include(if: $i) }", {"i": None}),
    ],
)
async def test_a_null_where_none_may_be_is_the_clients_fault_wherever_it_is_found(
    edge: Edge, logs: Logs, query: str, variables: dict[str, object]
) -> None:
    answer = await edge.ask(query, variables)

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]
    assert logs == []


@pytest.mark.parametrize(
    ("query", "variables", "code"),
    [
        ("query ($e: Even!) { half(even: $e) }", {"e": 3}, "BAD_USER_INPUT"),
        ("{ half(even: 3) }", None, "GRAPHQL_VALIDATION_FAILED"),
        ("query ($e: Even!) { half(even: $e) }", {"e": "x"}, "INTERNAL_SERVER_ERROR"),
        ('{ half(even: "x") }', None, "INTERNAL_SERVER_ERROR"),
    ],
)
async def test_a_scalar_refuses_a_value_by_a_value_error_and_anything_else_is_a_bug(
    edge: Edge, query: str, variables: dict[str, object] | None, code: str
) -> None:
    response = await edge.post({"query": query, "variables": variables})

    assert only_error(response)[0] == code
    assert SECRET not in response.text


async def test_errors_beyond_the_limit_are_only_counted() -> None:
    edge = Edge(Limits(errors=2))

    answer = await edge.ask("{ a: broken b: broken c: broken d: broken hello }")

    assert [error["path"] for error in answer["errors"]] == [["a"], ["b"]]
    assert answer["extensions"] == {"errorsLeftOut": 2}
    assert answer["data"]["hello"] == "world 5"


@pytest.mark.parametrize(
    "query",
    [
        "{ " + " ".join(f"unknown{index}" for index in range(900)) + " }",
        "{ me { " + " ".join(f"{'x' * 60}{index}" for index in range(900)) + " } }",
        "{ " + "x" * 60_000 + " }",
        "{ hello(" + "x" * 60_000 + ": 1) }",
        "{ hello " + "x" * 30_000 + "(" + "y" * 30_000,
        "query ($n: Int) { hello(n: $n) }",
    ],
    ids=["fields", "long fields", "a long field", "a long argument", "a long word", "a long value"],
)
async def test_no_document_makes_the_answer_to_its_errors_long(edge: Edge, query: str) -> None:
    response = await edge.post({"query": query, "variables": {"n": "x" * 100_000}}, authorization="Bearer x")

    assert response.status_code == 400
    assert len(response.content) < 15_000


async def test_variables_with_many_faults_get_the_first_error(edge: Edge) -> None:
    response = await edge.post(
        {"query": "query ($f: Filter) { hello(filter: $f) }", "variables": {"f": {"anyOf": [{"text": 1}] * 5_000}}}
    )

    errors = response.json()["errors"]
    assert response.status_code == 400
    assert len(errors) == 21
    assert {error["extensions"]["code"] for error in errors} == {"BAD_USER_INPUT"}
