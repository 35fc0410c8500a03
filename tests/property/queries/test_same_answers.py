"""A compiled operation gives the same answers as graphql-core, for generated requests of every role (hypothesis)."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from typing import Any

import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.app import app, schema
from tests.property.queries.requests import Request, requests
from tests.property.queries.values import KNOWN_IDS
from tests.support.world import Ask, Person, World

ONE_WORLD = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
    deadline=None,
    max_examples=(settings.get_current_profile_name() == "fuzz" and 3000) or 120,
)
"""The settings of hypothesis. All requests share one world, because no request changes anything."""

CURSOR = re.compile(r'"(WzEs[\w-]+)"')
"""A pattern for cursors in an answer. `WzEs` is the base64 of `[1,`, the beginning of a cursor of version 1."""

ROLES = ("admin", "technician", "portal admin", "portal user", "other admin", "stranger")


class Cast:
    """The people who send requests, with their tokens, and the ids that the requests name."""

    def __init__(self) -> None:
        self.tokens: dict[str, str | None] = {"stranger": None}
        self.ids: list[str] = []


@pytest_asyncio.fixture
async def cast(world: World, ask: Ask) -> Cast:
    acme, globex = await world.portal("acme"), await world.portal("globex")
    provider = await world.mssp()
    umbra = await world.portal("umbra", mssp=provider)
    admin, user = await world.mssp_admin(), await world.user(acme, first_name="Ada", last_name="Lovelace")
    found = Cast()
    for role, person in (
        ("admin", admin),
        ("technician", await world.technician(acme)),
        ("portal admin", await world.portal_admin(acme)),
        ("portal user", user),
        ("other admin", await world.mssp_admin(provider)),
    ):
        found.tokens[role] = await world.token(person)
    some = await world.users(4, acme)
    await world.user(globex)
    await world.user(umbra)
    await ask.act("deactivateUsers", admin, some[0], some[1])
    await ask.act("lockUsers", admin, some[2], "no id")
    found.ids = await _ids(ask, admin)
    return found


async def _ids(ask: Ask, admin: Person) -> list[str]:
    reply = await ask(
        """{ portals { nodes { id licenseTiles { id } } } users(first: 8) { nodes { id } edges { cursor } }
             auditLog(first: 1) { edges { cursor node { id } } } bulkOperations { nodes { id } } viewer { id } }""",
        actor=admin,
    )
    data = reply.data
    found = [data["viewer"]["id"], data["users"]["edges"][0]["cursor"], data["auditLog"]["edges"][0]["cursor"]]
    found += [data["auditLog"]["edges"][0]["node"]["id"], data["portals"]["nodes"][0]["licenseTiles"]["id"]]
    found += [node["id"] for part in ("portals", "bulkOperations", "users") for node in data[part]["nodes"]]
    return found[:KNOWN_IDS]


async def test_the_switch_of_these_tests_belongs_to_the_schema_that_answers(world: World) -> None:
    (endpoint,) = [route.endpoint for route in app(world.parts).routes if getattr(route, "path", "") == "/graphql"]  # type: ignore[attr-defined]

    assert endpoint._schema is schema(introspection=True)


@ONE_WORLD
@given(request=requests(schema(introspection=True)._schema), role=st.sampled_from(ROLES))
async def test_a_compiled_operation_answers_as_graphql_core_does(
    world: World, ask: Ask, cast: Cast, request: Request, role: str
) -> None:
    body, token = request.sent(cast.ids), cast.tokens[role]

    compiled = await _answer(world, ask, body, token, compiles=True)
    ordinary = await _answer(world, ask, body, token, compiles=False)

    assert compiled == ordinary


async def _answer(
    world: World, ask: Ask, body: Mapping[str, Any], token: str | None, *, compiles: bool
) -> tuple[int, str]:
    """Return the status and the text of the answer, without the values that differ between two equal requests.

    These are the id of the request, and the list digests in cursors: the id of a new operation is part of the digest.
    """
    served = schema(introspection=True)
    served.compiles = compiles
    try:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        response = await ask.client.post("/graphql", json=body, headers=headers)
    finally:
        served.compiles = True
    text = response.text.replace(response.headers["x-request-id"], "")
    return response.status_code, CURSOR.sub(_position, text)


def _position(cursor: re.Match[str]) -> str:
    """Return the version and the position of a cursor as text, without the digest of its list."""
    version, _, *position = json.loads(urlsafe_b64decode(cursor[1] + "=" * (-len(cursor[1]) % 4)))
    return json.dumps([version, *position])
