import json
from collections.abc import AsyncIterator, Iterator

import pytest
from graphql import get_introspection_query

from api.graphql.cost.limits import Limits
from tests.api.graphql.edge import GRAPHQL, JSON, Edge, only_error

BOTH = pytest.mark.parametrize("accept", [GRAPHQL, JSON])
TWO_OPERATIONS = "query A { hello } query B { me { id } }"


@pytest.fixture
def edge() -> Edge:
    return Edge()


def shortened(parameter: object) -> str:
    return repr(parameter)[:60]


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


# ── request errors ───────────────────────────────────────────────────────────────────────────────────────────────────

REQUEST_ERRORS = [
    ("{", None, "GRAPHQL_PARSE_FAILED"),
    ("", None, "GRAPHQL_PARSE_FAILED"),
    (" ", None, "GRAPHQL_PARSE_FAILED"),
    ("{ nothing }", None, "GRAPHQL_VALIDATION_FAILED"),
    ("{ ...F } fragment F on Query { ...F }", None, "GRAPHQL_VALIDATION_FAILED"),
    ("{ ...F } fragment F on Query { hello } fragment F on Query { me { id } }", None, "GRAPHQL_VALIDATION_FAILED"),
    ("query ($n: Int!) { hello(n: $n) }", {}, "BAD_USER_INPUT"),
    ("query ($n: Int!) { hello(n: $n) }", {"n": "five"}, "BAD_USER_INPUT"),
    (TWO_OPERATIONS, None, "OPERATION_RESOLUTION_FAILURE"),
    ("fragment F on Query { hello }", None, "OPERATION_RESOLUTION_FAILURE"),
    ("type Query { a: Int }", None, "OPERATION_RESOLUTION_FAILURE"),
    ("subscription { hello }", None, "OPERATION_RESOLUTION_FAILURE"),
]


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
async def test_a_persisted_query_without_its_document_is_told_that_there_are_none(edge: Edge, accept: str) -> None:
    response = await edge.post({"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0"}}}, accept)

    assert response.status_code == (400 if accept == GRAPHQL else 200)
    assert only_error(response) == ("PERSISTED_QUERY_NOT_SUPPORTED", "PersistedQueryNotSupported")


async def test_a_persisted_query_with_its_document_runs(edge: Edge) -> None:
    response = await edge.post({"query": "{ hello }", "extensions": {"persistedQuery": {"version": 1}}})

    assert response.json() == {"data": {"hello": "world 5"}}


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


async def test_a_client_that_leaves_amid_its_body_is_not_answered(edge: Edge) -> None:
    sent = []
    messages: Iterator[dict[str, object]] = iter(
        [{"type": "http.request", "body": b'{"qu', "more_body": True}, {"type": "http.disconnect"}]
    )

    async def receive() -> dict[str, object]:
        return next(messages)

    async def send(message: object) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/graphql", "headers": [(b"content-type", b"application/json")]}
    await edge.endpoint(scope, receive, send)

    assert sent == []


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


async def test_where_there_is_no_page_a_browser_is_told_what_is_served() -> None:
    response = await Edge(page=False).get("text/html")

    assert response.status_code == 406


# ── what cannot be stored ────────────────────────────────────────────────────────────────────────────────────────────

FILTER = "query ($text: String, $filter: Filter, $x: Int) { hello(text: $text, filter: $filter, n: $x) }"


@BOTH
@pytest.mark.parametrize(
    ("variables", "place"),
    [
        ('{"text": "a\\u0000"}', "variables.text"),
        ('{"text": "\\ud800"}', "variables.text"),
        ('{"text": "\\udfffa"}', "variables.text"),
        ('{"filter": {"anyOf": [{}, {"text": "\\u0000"}]}}', "variables.filter.anyOf[1].text"),
        ('{"filter": {"a\\u0000": 1}}', "variables.filter"),
        ('{"a\\ud800": 1}', "variables"),
        ('{"unknown": ["\\u0000"]}', "variables.unknown[0]"),
        ('{"x": 9223372036854775808}', "variables.x"),
        ('{"x": -9223372036854775809}', "variables.x"),
        ('{"x": [1, ' + "9" * 900 + "]}", "variables.x[1]"),
        ('{"x": 1e999}', "variables.x"),
    ],
    ids=shortened,
)
async def test_a_variable_that_cannot_be_stored_is_named(edge: Edge, accept: str, variables: str, place: str) -> None:
    response = await edge.post(f'{{"query": "{FILTER}", "variables": {variables}}}'.encode(), accept)

    code, message = only_error(response)
    assert response.status_code == (400 if accept == GRAPHQL else 200)
    assert code == "BAD_USER_INPUT"
    assert message.startswith(f"{place} ")


@pytest.mark.parametrize("text", ["\U0001f600", "\ud83d\ude00", "žluť\n\t\x7f", "\uffff"])
async def test_every_other_character_is_let_through(edge: Edge, text: str) -> None:
    body = json.dumps({"query": FILTER, "variables": {"text": text}}).encode()

    response = await edge.post(body)

    assert response.json()["data"]["hello"] == text.encode("utf-16", "surrogatepass").decode("utf-16") + " 5"


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ('{ hello(text: "a\\u0000") }', "The argument text of hello "),
        ('{ hello(text: "a\0") }', "The argument text of hello "),
        ('{ hello(text: """a\0""") }', "The argument text of hello "),
        ('{ me { id } a: hello(filter: {anyOf: [{text: "\\u0000"}]}) }', "The argument filter of hello "),
        ("{ hello(n: 9223372036854775808) }", "The argument n of hello "),
        ("{ hello(n: -" + "9" * 5000 + ") }", "The argument n of hello "),
        ("{ rows(first: " + "9" * 5000 + ") { nodes { id } } }", "The argument first of rows "),
        ("{ hello(n: 1e999) }", "The argument n of hello "),
        ('{ hello @include(if: "\\u0000") }', "The argument if of @include "),
        ('query ($t: String = "\\u0000") { hello(text: $t) }', "The default of $t "),
        ('{ ...F } fragment F on Query { hello(text: "\\u0000") }', "The argument text of hello "),
    ],
    ids=shortened,
)
async def test_a_literal_that_cannot_be_stored_is_named(edge: Edge, query: str, place: str) -> None:
    code, message = only_error(await edge.post({"query": query}))

    assert code == "BAD_USER_INPUT"
    assert message.startswith(place)


@pytest.mark.parametrize("query", ['{ hello(text: "\ud800") }', "{ hello # \ud800\n }", "{ \udc00 }", "{ hello\0 }"])
async def test_such_a_character_in_the_document_itself_is_a_syntax_error(edge: Edge, query: str) -> None:
    response = await edge.post({"query": query})

    assert only_error(response)[0] == "GRAPHQL_PARSE_FAILED"


@pytest.mark.parametrize("name", ["A\0", "\ud800"])
async def test_an_operation_name_that_cannot_be_stored_is_named(edge: Edge, name: str) -> None:
    response = await edge.post({"query": "query A { hello }", "operationName": name})

    code, message = only_error(response)
    assert code == "BAD_USER_INPUT"
    assert message.startswith("operationName ")


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


# ── introspection ────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_the_whole_schema_can_be_introspected(edge: Edge) -> None:
    query = get_introspection_query(
        descriptions=True,
        specified_by_url=True,
        directive_is_repeatable=True,
        schema_description=True,
        input_value_deprecation=True,
    )

    answer = await edge.ask(query)

    assert "errors" not in answer
    assert "Row" in {kind["name"] for kind in answer["data"]["__schema"]["types"]}


async def test_introspection_can_be_switched_off() -> None:
    edge = Edge(introspection=False)

    schema = await edge.post({"query": "{ __schema { queryType { name } } }"})
    typename = await edge.ask("{ __typename }")

    assert {error["extensions"]["code"] for error in schema.json()["errors"]} == {"GRAPHQL_VALIDATION_FAILED"}
    assert typename == {"data": {"__typename": "Query"}}


async def test_introspection_does_not_go_round_in_circles(edge: Edge) -> None:
    answer = await edge.ask("{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }")

    assert answer["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


# ── suggestions ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("{ helo }", {}),
        ("{ hello(tex: 1) }", {}),
        ("{ me { ... on Rowe { id } } }", {}),
        ("{ hello(filter: {colour: REED}) }", {}),
        ("{ hello(filter: {colou: RED}) }", {}),
        ("query ($f: Filtre) { hello(filter: $f) }", {}),
        ("query ($f: Filter) { hello(filter: $f) }", {"f": {"colour": "REED"}}),
        ("query ($f: Filter) { hello(filter: $f) }", {"f": {"colou": "RED"}}),
        ("query ($f: Filter) { hello(filter: $f) }", {"f": {"anyOf": [{"tex": 1}]}}),
    ],
)
async def test_no_name_is_suggested(edge: Edge, query: str, variables: dict[str, object]) -> None:
    answer = await edge.ask(query, variables)

    assert answer["errors"]
    assert "Did you mean" not in str(answer)
