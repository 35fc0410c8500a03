"""Invalid documents and bodies get a clear error for each fault."""

from __future__ import annotations

import pytest

from tests.api.graphql.hostile import PLACES, post, send
from tests.support.world import Ask, Person, World

pytestmark = pytest.mark.usefixtures("silence")


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("{ users(first: 2147483648) { totalCount } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ users(first: 99999999999999999999) { totalCount } }", "BAD_USER_INPUT"),
        ("{ users(first: 1e400) { totalCount } }", "BAD_USER_INPUT"),
        ("{ users(limit: 5) { totalCount } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ customers { totalCount } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ users { passwordHash } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ users(category: NO_CATEGORY) { totalCount } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ user(id: $id) { name } }", "GRAPHQL_VALIDATION_FAILED"),
        ("mutation { lockUsers(input: {users: {ids: $ids}}) { replayed } }", "GRAPHQL_VALIDATION_FAILED"),
        ("mutation { lockUsers(input: {users: {previewId: $id}}) { replayed } }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { users { totalCount } }", "OPERATION_RESOLUTION_FAILURE"),
        ("{ users { totalCount }", "GRAPHQL_PARSE_FAILED"),
        ("", "GRAPHQL_PARSE_FAILED"),
        ("{ " + "a " * 2_001 + "}", "TOO_COMPLEX"),
    ],
)
async def test_a_document_that_does_not_fit_the_schema_gets_an_error(
    ask: Ask, ann: Person, document: str, code: str
) -> None:
    reply = await ask(document, actor=ann)

    assert (reply.data, set(reply.codes)) == (None, {code})
    assert "Did you mean" not in reply.response.text


@pytest.mark.parametrize("first", [2**31, 2**63, 10**30, 1.5, "1", True, [1], {}])
async def test_a_variable_of_the_wrong_type_gets_an_error(ask: Ask, ann: Person, first: object) -> None:
    reply = await ask("query ($n: Int) { users(first: $n) { totalCount } }", actor=ann, n=first)

    assert (reply.data, reply.codes) == (None, ["BAD_USER_INPUT"])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"1",
        b'"x"',
        b"[]",
        b"[{}]",
        b"{}",
        b"\xff",
        b"{",
        b'{"query": 1}',
        b'{"query": null}',
        b'{"query": "{viewer{name}}", "variables": []}',
        b'{"query": "{viewer{name}}", "variables": "x"}',
        b'{"query": "{viewer{name}}", "operationName": 1}',
        b'{"query": "{viewer{name}}", "query": "{viewer{name}}"}',
        b'{"query": "{viewer{name}}", "variables": {"n": NaN}}',
        b'{"query": ' + b"9" * 5_000 + b"}",
        b'{"query": "{viewer{name}}", "variables": ' + b"[" * 30_000 + b"]" * 30_000 + b"}",
    ],
    ids=lambda body: body[:40].decode(errors="replace"),
)
async def test_a_body_that_is_no_request_gets_an_error(ask: Ask, token: str, body: bytes) -> None:
    reply = await post(ask, token, body)

    assert (reply.response.status_code, reply.data, reply.codes) == (400, None, ["BAD_USER_INPUT"])


@pytest.mark.parametrize(
    "place", ["signIn.login", "signIn.password", "lockUsers.ids", "lockUsers.reason", "users.search"]
)
async def test_ten_megabytes_are_not_read(ask: Ask, token: str, place: str) -> None:
    reply = await send(ask, token, PLACES[place].with_variable, text="x" * 10_000_000)

    assert (reply.response.status_code, reply.codes) == (413, ["BAD_USER_INPUT"])
    assert (await ask("{ users { totalCount } }", token=token)).data == {"users": {"totalCount": 1}}


async def test_a_mutation_that_is_refused_hides_no_mutation_beside_it(world: World, ask: Ask, ann: Person) -> None:
    otto, mia = await world.users(2)

    reply = await ask(
        "mutation ($otto: ID!, $mia: ID!) {"
        " one: lockUsers(input: {users: {ids: [$otto]}}) { summary { succeeded } }"
        " none: lockUsers(input: {users: {ids: []}}) { errors { code } }"
        ' unknown: signIn(input: {login: "x", password: "y"}) { errors { code } }'
        " two: lockUsers(input: {users: {ids: [$mia]}}) { summary { succeeded } } }",
        actor=ann,
        otto=otto.gid,
        mia=mia.gid,
    )

    assert reply.data == {
        "one": {"summary": {"succeeded": 1}},
        "none": {"errors": [{"code": "INVALID_INPUT"}]},
        "unknown": {"errors": [{"code": "INVALID_CREDENTIALS"}]},
        "two": {"summary": {"succeeded": 1}},
    }
