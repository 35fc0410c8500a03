"""The server is killed while it works: every confirmed operation is stored, and no operation is incomplete."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from models.db.sql import Sql, fetch
from rules.global_ids import parse
from services.admin.doctor import find_wrong_values
from tests.support.databases import Database
from tests.support.databases.wholeness import assert_every_operation_is_whole
from tests.support.processes.commands import Served, Shell
from tests.support.world import PASSWORD, Person, World

ROUNDS = 3
CLIENTS = 4
MOST_ANSWERS = 25
LAST_MOMENTS = 0.05
"""The maximum delay in seconds between an answer of the server and the kill of its process.

The delay is random, so that the kill can come at any moment of an operation, which takes less time.
"""

ACTIONS = ("activateUsers", "deactivateUsers", "lockUsers", "unlockUsers", "revokeSessions", "deleteUsers")
ACT = "mutation ($input: BulkUsersInput!) {{ {name}(input: $input) {{ operation {{ id }} errors {{ code }} }} }}"
SIGN_IN = "mutation ($input: SignInInput!) { signIn(input: $input) { session { accessToken } } }"
GONE = (httpx.TransportError, ValueError)
"""The exceptions of a client whose server has died: no connection, or an incomplete answer."""


async def test_a_server_killed_during_bulk_writes_leaves_every_operation_whole_or_absent(
    db: Database, world: World, tmp_path: Path
) -> None:
    msp = await world.mssp()
    people = [bob for _ in range(3) for bob in await world.users(40, await world.portal(mssp=msp, seats=30))]
    nora = await world.mssp_admin(msp, password=PASSWORD)
    chance = random.Random(9)  # noqa: S311  # to be the same in every run, not to keep a secret
    answered: set[str] = set()

    for _ in range(ROUNDS):
        async with _server(db, tmp_path) as (served, client):
            await _signed_in(client, nora)
            death = _Death(served, chance, after=chance.randrange(1, MOST_ANSWERS))
            writers = [_writes(client, people, chance, death) for _ in range(CLIENTS)]
            answered |= {id for confirmed in await asyncio.gather(*writers) for id in confirmed}
        await _connections_of_the_dead_are_closed(db)

        assert await assert_every_operation_is_whole() >= answered
        assert await find_wrong_values(world.parts.runtime) == []
    assert answered


class _Death:
    """Kills the process after `after` answers and a random delay."""

    def __init__(self, served: Served, chance: random.Random, *, after: int) -> None:
        self._process, self._chance, self._answers_left = served.process, chance, after

    def draws_nearer(self) -> None:
        self._answers_left -= 1
        if self._answers_left == 0:
            asyncio.get_running_loop().call_later(self._chance.random() * LAST_MOMENTS, self._process.kill)


async def _writes(client: httpx.AsyncClient, people: list[Person], chance: random.Random, death: _Death) -> list[str]:
    """Run random bulk mutations until the server is dead. Return the row ids of the confirmed operations."""
    confirmed: list[str] = []
    while True:
        name = chance.choice(ACTIONS)
        some = chance.sample(people, 2 if name == "deleteUsers" else chance.randrange(1, len(people)))
        input = {"users": {"ids": [person.gid for person in some]}}
        try:
            payload = (await _ask(client, ACT.format(name=name), input))[name]
        except GONE:
            return confirmed
        assert payload["errors"] == []
        _, id = parse(payload["operation"]["id"]) or ("", "")
        confirmed.append(str(id))
        death.draws_nearer()


async def _signed_in(client: httpx.AsyncClient, person: Person) -> None:
    session = (await _ask(client, SIGN_IN, {"login": person.login, "password": PASSWORD}))["signIn"]["session"]
    client.headers["authorization"] = f"Bearer {session['accessToken']}"


async def _ask(client: httpx.AsyncClient, document: str, input: dict[str, Any]) -> Any:
    body = (await client.post("/graphql", json={"query": document, "variables": {"input": input}})).json()
    assert "errors" not in body, body["errors"]
    return body["data"]


@asynccontextmanager
async def _server(db: Database, folder: Path) -> AsyncIterator[tuple[Served, httpx.AsyncClient]]:
    settings = {"database_url": db.url, "data_dir": folder, "secret_key": "a-secret-for-tests-of-32-bytes-or-more"}
    with Shell(settings).serving(folder) as served:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{served.port}") as client:
            yield served, client


async def _connections_of_the_dead_are_closed(db: Database) -> None:
    """Wait until PostgreSQL has closed the connections of the dead server, and has rolled back their transactions."""
    others = (
        "SELECT pid FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'"
    )
    while db.kind == "postgres" and await fetch(Sql(others)):
        pass
