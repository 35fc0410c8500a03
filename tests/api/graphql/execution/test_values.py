"""Invalid values in a request get a clear error, and the other fields of the request are executed."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.graphql.hostile import PLACES, STRANGE, UNSTORABLE, Place, cursor, malformed_ids, send
from tests.support.databases import on_sqlite
from tests.support.world import Ask, Person, World

pytestmark = pytest.mark.usefixtures("silence")

LOCK = """
mutation ($input: BulkUsersInput!) {
  it: lockUsers(input: $input) { outcomes { userId status reason { code } } errors { code path } }
}
"""

PATIENCE = 3
"""The maximum CPU time of a request with any text, in seconds."""


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
async def test_what_no_column_can_hold_is_refused_at_the_edge(ask: Ask, token: str, place: Place) -> None:
    for text in UNSTORABLE.values():
        reply = await send(ask, token, place.with_variable, text=text)

        assert (reply.data, reply.codes) == (None, ["BAD_USER_INPUT"])
        assert reply.errors[0]["message"] == "variables.text holds a NUL character or half of a surrogate pair."
    for escaped, code in ((r'"a\u0000b"', "BAD_USER_INPUT"), (r'"\ud83d"', "GRAPHQL_PARSE_FAILED")):
        assert (await send(ask, token, place.with_literal(escaped))).codes == [code]
    assert (await ask("{ users { totalCount } }", token=token)).data == {"users": {"totalCount": 1}}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
async def test_a_strange_text_is_answered_in_time(ask: Ask, token: str, place: Place) -> None:
    for text in STRANGE.values():
        begun = time.process_time()
        reply = await send(ask, token, place.with_variable, text=text)

        assert time.process_time() - begun < PATIENCE
        assert set(reply.codes) <= {"BAD_USER_INPUT"}
        assert reply.data is None or "it" in reply.data


@on_sqlite
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.sampled_from(sorted(PLACES)), text=st.text(st.characters(codec=None)))
async def test_no_text_in_any_place_is_a_bug(ask: Ask, token: str, place: str, text: str) -> None:
    reply = await send(ask, token, PLACES[place].with_variable, text=text)

    assert set(reply.codes) <= {"BAD_USER_INPUT"}


async def test_ids_that_name_nothing_find_nothing_and_hide_nothing(world: World, ask: Ask, ann: Person) -> None:
    otto = await world.user()
    foreign = await world.user(await world.portal(mssp=await world.mssp()))
    portal = (await ask("{ portals { nodes { id } } }", actor=ann)).data["portals"]["nodes"][0]["id"]
    nothing = [*filter(None, malformed_ids(otto.gid, otto.id)), foreign.gid]  # an empty id counts as absent
    document = """
    query ($id: ID!, $good: ID!) {
      node(id: $id) { id } nodes(ids: [$id, $good]) { id } user(id: $id) { id } portal(id: $id) { id }
      users(portalId: $id) { totalCount } licenseTiles(portalId: $id) { id } bulkOperations(portalId: $id) { totalCount }
      listed: users(filter: { portalIdIn: [$id] }) { totalCount } logged: auditLog(userId: $id) { totalCount }
      good: user(id: $good) { id }
    }"""

    for id in nothing:
        reply = await ask(document, actor=ann, id=id, good=otto.gid)

        assert reply.errors == []
        assert reply.data == {
            **dict.fromkeys(("node", "user", "portal", "users", "licenseTiles", "bulkOperations")),
            "nodes": [None, {"id": otto.gid}],
            "listed": {"totalCount": 0},
            "logged": {"totalCount": 0},
            "good": {"id": otto.gid},
        }
    other_kind = await ask(document, actor=ann, id=portal, good=otto.gid)
    assert (other_kind.data["node"], other_kind.data["user"]) == ({"id": portal}, None)


async def test_a_selection_answers_for_every_id_and_does_what_can_be_done(world: World, ask: Ask, ann: Person) -> None:
    otto = await world.user()
    nothing = malformed_ids(otto.gid, otto.id)

    payload = await ask.act("lockUsers", ann, ids=[*nothing, otto.gid, otto.gid, nothing[0]])

    reasons = [outcome["reason"] and outcome["reason"]["code"] for outcome in payload["outcomes"]]
    assert [outcome["userId"] for outcome in payload["outcomes"]] == [*nothing, otto.gid, otto.gid, nothing[0]]
    assert reasons == [*["NOT_FOUND"] * len(nothing), None, "DUPLICATE_IN_REQUEST", "DUPLICATE_IN_REQUEST"]
    assert await world.status(otto) == "SUSPENDED"


@pytest.mark.parametrize(
    ("input", "code", "path"),
    [
        ({"users": {"ids": []}}, "INVALID_INPUT", ["input", "users", "ids"]),
        ({"users": {"ids": ["x"] * 1001}}, "TOO_MANY_USERS", ["input", "users", "ids"]),
        ({"users": {"matching": {}}}, "INVALID_INPUT", ["input", "users", "matching", "expectedCount"]),
        ({"users": {"previewId": "x"}}, "NOT_FOUND", ["input", "users", "previewId"]),
        ({"users": {"previewId": ""}}, "INVALID_INPUT", ["input", "users", "previewId"]),
        (
            {"users": {"ids": "OTTO"}, "options": {"idempotencyKey": "x" * 256}},
            "INVALID_INPUT",
            ["input", "options", "idempotencyKey"],
        ),
        ({"users": {"ids": "OTTO"}, "options": {"reason": "x" * 501}}, "INVALID_INPUT", ["input", "options", "reason"]),
    ],
)
async def test_a_selection_that_makes_no_sense_is_refused_as_a_whole(
    world: World, ask: Ask, ann: Person, input: dict[str, Any], code: str, path: list[str]
) -> None:
    otto = await world.user()

    reply = await ask(LOCK, actor=ann, input=json.loads(json.dumps(input).replace("OTTO", otto.gid)))

    assert (reply.errors, reply.data["it"]["outcomes"]) == ([], [])
    assert reply.data["it"]["errors"] == [{"code": code, "path": path}]
    assert await world.status(otto) == "ACTIVE"


@pytest.mark.parametrize(
    "users",
    ["{}", '{ids: ["x"], previewId: "x"}', "{ids: null}", "{ids: [null]}", "{ids: [1.5]}", "{unknownField: true}"],
)
async def test_a_selection_of_no_known_form_is_refused_before_anything_runs(ask: Ask, ann: Person, users: str) -> None:
    reply = await ask(f"mutation {{ lockUsers(input: {{users: {users}}}) {{ replayed }} }}", actor=ann)

    assert (reply.data, set(reply.codes)) == (None, {"GRAPHQL_VALIDATION_FAILED"})


@pytest.mark.parametrize("order", ["{fragment} {operation}", "{operation} {fragment}"])
async def test_a_selection_may_stand_in_a_fragment(world: World, ask: Ask, ann: Person, order: str) -> None:
    otto = await world.user()
    fragment = "fragment F on Mutation { lockUsers(input: {users: {ids: $ids}}) { summary { succeeded } } }"
    operation = "mutation ($ids: [ID!]!) { ...F }"

    reply = await ask(order.format(fragment=fragment, operation=operation), actor=ann, ids=[otto.gid])

    assert reply.data == {"lockUsers": {"summary": {"succeeded": 1}}}


PAGED = {
    "users": "users(%s) { nodes { id } }",
    "portals": "portals(%s) { nodes { id } }",
    "auditLog": "auditLog(%s) { nodes { id } }",
    "bulkOperations": "bulkOperations(%s) { nodes { id } }",
    "portal.users": 'outer: portal(slug: "harbour") { users(%s) { nodes { id } } }',
}

NOT_OURS = "The cursor is not one of this list. Start again without a cursor."

ANOTHER_ORDER = "The cursor belongs to another list, order or filter. Start again without a cursor."

MISTAKES = {
    "first: 0": "first is 0; it must be from 1 to 100. Read further pages with a cursor.",
    "first: -1": "first is -1; it must be from 1 to 100. Read further pages with a cursor.",
    "first: 101": "first is 101; it must be from 1 to 100. Read further pages with a cursor.",
    "last: 0": "last is 0; it must be from 1 to 100. Read further pages with a cursor.",
    "last: 2147483647": "last is 2147483647; it must be from 1 to 100. Read further pages with a cursor.",
    "first: 1, last: 1": "Give first or last, not both.",
    'after: "x", before: "y"': "Give after or before, not both.",
    'first: 1, before: "x"': "Use after with first, and before with last.",
    'last: 1, after: "x"': "Use after with first, and before with last.",
    'after: " "': NOT_OURS,
    'after: "not a cursor"': NOT_OURS,
    f'before: "{cursor()}"': NOT_OURS,
    f'after: "{cursor(2, "0123456789ab", "x")}"': ANOTHER_ORDER,
}


@pytest.mark.parametrize("field", PAGED)
async def test_a_paging_mistake_costs_its_own_field_only(ask: Ask, ann: Person, field: str) -> None:
    for mistake, message in MISTAKES.items():
        reply = await ask(f"{{ {PAGED[field] % mistake} viewer {{ name }} }}", actor=ann)

        assert reply.codes == ["BAD_USER_INPUT"], mistake
        assert reply.errors[0]["message"] == message
        assert reply.errors[0]["path"][-1] == field.split(".")[-1]
        assert reply.data["viewer"]


async def test_a_cursor_is_good_for_its_own_order_only(world: World, ask: Ask, ann: Person) -> None:
    await world.users(3)
    page = await ask("{ users(first: 1) { pageInfo { endCursor } } }", actor=ann)
    cursor = page.data["users"]["pageInfo"]["endCursor"]

    reply = await ask(
        "query ($c: String) { users(after: $c, orderBy: [{field: EMAIL}]) { nodes { id } }"
        " good: users(after: $c) { nodes { id } } portals(after: $c) { nodes { id } } }",
        actor=ann,
        c=cursor,
    )

    assert reply.codes == ["BAD_USER_INPUT", "BAD_USER_INPUT"]
    assert (reply.data["users"], reply.data["portals"], len(reply.data["good"]["nodes"])) == (None, None, 3)
    assert {error["message"] for error in reply.errors} == {ANOTHER_ORDER}
