"""The server is killed during a call, and the call is repeated: it has one effect, and all answers are the same."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from models.tables import AuditEvent, BulkOperation, PortalUser
from services.admin.doctor import find_wrong_values
from tests.features.selections.selecting import these
from tests.support.databases import Database
from tests.support.databases.holding import a_transaction_waits, writers_held
from tests.support.processes import servers
from tests.support.processes.servers import Server
from tests.support.world import PASSWORD, Person, World
from tests.support.world.answers import SIGN_IN, reasons
from tests.support.world.bulk_documents import BULK

AT_ONCE = 50
LIMITS = httpx.Limits(max_connections=AT_ONCE + 1)


class Caller:
    """A client that sends the same bulk mutation with the same key fifty times at the same time."""

    def __init__(self, client: httpx.AsyncClient, people: list[Person]) -> None:
        self._client = client
        self._input = {"users": these(*people), "options": {"idempotencyKey": "k"}}

    async def sign_in(self, person: Person) -> None:
        answer = await self._ask(SIGN_IN, {"login": person.login, "password": PASSWORD})
        self._client.headers["authorization"] = f"Bearer {answer['signIn']['session']['accessToken']}"

    def calls(self) -> list[asyncio.Task[Any]]:
        return [asyncio.create_task(self._lock()) for _ in range(AT_ONCE)]

    async def knows_that_the_server_is_at_it(self) -> None:
        """Wait until the server executes the calls that this client has sent.

        On PostgreSQL, wait until one of them waits for a lock in the database.
        """
        await self._client.get("/livez")
        await a_transaction_waits()

    async def _lock(self) -> Any:
        """Call lockUsers, and return the payload. Repeat the call if the tiles in the payload could not be read."""
        payload = None
        while payload is None or payload["licenseTiles"] is None:
            payload = (await self._ask(BULK.format(name="lockUsers"), self._input))["lockUsers"]
        return payload

    async def _ask(self, document: str, input: Any) -> Any:
        """Send a request, and return its data. Repeat the request after the error UNAVAILABLE, which a busy machine
        causes.
        """
        while True:
            response = await self._client.post("/graphql", json={"query": document, "variables": {"input": input}})
            body = response.json()
            codes = {error["extensions"]["code"] for error in body.get("errors", [])}
            assert codes <= {"UNAVAILABLE"}, body
            if not codes:
                return body["data"]


@asynccontextmanager
async def a_call(world: World, db: Database, folder: Path) -> AsyncIterator[tuple[Server, Caller]]:
    nora, people = await world.mssp_admin(password=PASSWORD), await world.users(5)
    with servers.running(db.url, folder) as server:
        async with httpx.AsyncClient(base_url=server.address, limits=LIMITS, timeout=60) as client:
            caller = Caller(client, people)
            await caller.sign_in(nora)
            yield server, caller


async def assert_one_effect_and_equal_answers(world: World, before: list[Any], again: list[Any]) -> None:
    """Assert that all answers are equal except `replayed`, and that the call has acted once.

    `before` has the answers and the connection errors until the server was killed. `again` has the answers afterwards.
    """
    answers = [answer for answer in [*before, *again] if not isinstance(answer, httpx.TransportError)]
    assert reasons(answers[0]) == [None] * 5
    told = [{**answer, "replayed": None} for answer in answers]
    assert told == [told[0]] * len(told)
    assert sum(not answer["replayed"] for answer in answers) <= 1
    assert await BulkOperation.all().count() == 1
    assert await AuditEvent.filter(operation_id__isnull=False).count() == 5
    assert set(await PortalUser.all().values_list("status", "version")) == {("SUSPENDED", 2)}
    assert not await find_wrong_values(world.parts.runtime)


async def test_fifty_calls_with_one_key_act_once_if_the_server_dies_after_the_first(
    world: World, db: Database, tmp_path: Path
) -> None:
    async with a_call(world, db, tmp_path) as (server, caller):
        first = caller.calls()
        await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
        server.kill()
        server.start()
        before = await asyncio.gather(*first, return_exceptions=True)
        again = await asyncio.gather(*caller.calls())

    assert all(answer["replayed"] for answer in again)
    await assert_one_effect_and_equal_answers(world, before, again)


async def test_fifty_calls_with_one_key_act_once_if_the_server_dies_before_writing(
    world: World, db: Database, tmp_path: Path
) -> None:
    portal = await world.portal()
    async with a_call(world, db, tmp_path) as (server, caller):
        async with writers_held(world, portal):
            first = caller.calls()
            await caller.knows_that_the_server_is_at_it()
            server.kill()
        server.start()
        before = await asyncio.gather(*first, return_exceptions=True)
        again = await asyncio.gather(*caller.calls())

    await assert_one_effect_and_equal_answers(world, before, again)
