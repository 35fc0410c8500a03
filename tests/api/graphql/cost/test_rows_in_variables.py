"""If a text that cannot be stored is in a row of a bulk mutation, only this row is refused, otherwise the request."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import GraphQLInputObjectType, get_named_type

from api import app
from api.graphql.cost.rows_in_variables import ROWS
from tests.api.graphql.hostile import UNSTORABLE, send
from tests.support.world import Ask, World
from tests.support.world.answers import reasons

FIELDS = "{ outcomes { label reason { code } } errors { code } }"
ALL = f"mutation ($it: InviteUsersInput!) {{ inviteUsers(input: $it) {FIELDS} }}"
LIST = (
    "mutation ($id: ID!, $it: [InviteeInput!]!)"
    f" {{ inviteUsers(input: {{target: {{newUsers: {{portalId: $id, invitees: $it}}}}, delivery: NONE}}) {FIELDS} }}"
)
ONE = (
    "mutation ($id: ID!, $it: InviteeInput!)"
    f" {{ inviteUsers(input: {{target: {{newUsers: {{portalId: $id, invitees: [$it]}}}}, delivery: NONE}}) {FIELDS} }}"
)
FIELD = (
    "mutation ($id: ID!, $it: String!)"
    f" {{ inviteUsers(input: {{target: {{newUsers: {{portalId: $id, invitees: [{{firstName: $it}}]}}}}, delivery: NONE}}) {FIELDS} }}"
)


def test_every_input_type_that_holds_rows_is_named() -> None:
    types = [
        each
        for each in app.schema(introspection=True)._schema.type_map.values()
        if isinstance(each, GraphQLInputObjectType)
    ]

    holding = {
        each.name: (name, *ROWS[inner])
        for each in types
        for name, field in each.fields.items()
        if (inner := get_named_type(field.type).name) in ROWS
    }

    assert holding | {"InviteeInput": ()} == ROWS


@pytest.mark.parametrize("text", UNSTORABLE.values(), ids=UNSTORABLE)
async def test_a_row_is_refused_however_it_is_sent(world: World, ask: Ask, text: str) -> None:
    await world.portal("harbour")
    token = await world.token(await world.portal_admin())
    id = (await ask('{ portal(slug: "harbour") { id } }', token=token)).data["portal"]["id"]
    person = {"firstName": text}

    ways: list[tuple[str, Any]] = [
        (ALL, {"target": {"newUsers": {"portalId": id, "invitees": [person]}}, "delivery": "NONE"}),
        (ALL, {"target": {"newUsers": {"portalId": id, "invitees": person}}, "delivery": "NONE"}),
        (LIST, [person]),
        (LIST, person),
        (ONE, person),
    ]
    for document, it in ways:
        payload = (await send(ask, token, document, it=it, id=id)).data["inviteUsers"]

        assert (payload["errors"], reasons(payload)) == ([], ["INVALID_INPUT"])
        assert "\ufffd" in payload["outcomes"][0]["label"]


@pytest.mark.parametrize(
    ("document", "it"),
    [
        pytest.param(ALL, {"target": {"newUsers": {"portalId": "BAD", "invitees": []}}}, id="beside the rows"),
        pytest.param(
            ALL,
            {"target": {"newUsers": {"portalId": "x", "invitees": []}}, "options": {"reason": "BAD"}},
            id="in the options",
        ),
        pytest.param(ALL, {"target": {"newUsers": {"portalId": "x", "invitees": ["BAD"]}}}, id="a row that is a text"),
        pytest.param(ALL, {"target": {"newUsers": {"portalId": "x", "invitees": [{"BAD": "x"}]}}}, id="a field's name"),
        pytest.param(
            ALL, {"target": {"newUsers": {"portalId": "x", "invitees": [{"email": {"x": "BAD"}}]}}}, id="inside a field"
        ),
        pytest.param(
            ALL, {"target": {"newUsers": {"portalId": "x", "invitees": [{"email": ["BAD"]}]}}}, id="a list in a field"
        ),
        pytest.param(
            ALL, {"target": {"newUsers": {"portalId": "x", "invitees": [{"unknown": "BAD"}]}}}, id="in an unknown field"
        ),
        pytest.param(LIST, ["BAD"], id="a text for a row"),
        pytest.param(FIELD, "BAD", id="a variable of its own"),
    ],
)
async def test_elsewhere_the_request_is_refused(world: World, ask: Ask, document: str, it: Any) -> None:
    await world.portal("harbour")
    token = await world.token(await world.portal_admin())

    for text in UNSTORABLE.values():
        reply = await send(ask, token, document, it=_with(it, text), id="x")

        assert (reply.data, set(reply.codes)) == (None, {"BAD_USER_INPUT"})


def _with(value: Any, text: str) -> Any:
    if isinstance(value, dict):
        return {_with(key, text): _with(inner, text) for key, inner in value.items()}
    if isinstance(value, list):
        return [_with(each, text) for each in value]
    return text if value == "BAD" else value
