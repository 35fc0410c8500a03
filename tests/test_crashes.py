"""A server that is killed in the middle of its work, and started again: the same call still has one effect."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from models.tables import AuditEvent, BulkOperation, PortalUser
from services.doctor import drift
from tests import servers
from tests.databases import Database
from tests.resolvers.answers import SIGN_IN, reasons
from tests.resolvers.selecting import these
from tests.world import BULK, PASSWORD, World

AT_ONCE = 50


async def asked(client: httpx.AsyncClient, document: str, token: str | None = None, **variables: Any) -> Any:
    """The answer's data, from a server across the network."""
    headers = {"authorization": f"Bearer {token}"} if token else {}
    response = await client.post("/graphql", json={"query": document, "variables": variables}, headers=headers)
    body = response.json()
    assert not body.get("errors"), body
    return body["data"]


async def after(number: int, calls: Sequence[asyncio.Task[Any]]) -> None:
    """Waits until so many of the calls have been answered."""
    answered = asyncio.as_completed(calls)
    for _ in range(number):
        await next(answered)
    answered.close()


@pytest.mark.parametrize("answered_before", [0, 1])
async def test_a_key_has_one_effect_also_when_the_server_is_killed_and_started_again(
    world: World, db: Database, tmp_path: Path, answered_before: int
) -> None:
    nora, people = await world.mssp_admin(password=PASSWORD), await world.users(20)
    input = {"users": these(*people), "options": {"idempotencyKey": "k"}}
    limits = httpx.Limits(max_connections=AT_ONCE)

    with servers.running(db.url, tmp_path) as server:
        async with httpx.AsyncClient(base_url=server.address, limits=limits, timeout=60) as client:
            signed_in = await asked(client, SIGN_IN, input={"login": nora.login, "password": PASSWORD})
            token = signed_in["signIn"]["session"]["accessToken"]

            def calls() -> list[asyncio.Task[Any]]:
                lock = BULK.format(name="lockUsers")
                return [asyncio.create_task(asked(client, lock, token, input=input)) for _ in range(AT_ONCE)]

            first = calls()
            await after(answered_before, first)
            server.kill()
            server.start()
            before = await asyncio.gather(*first, return_exceptions=True)
            again = await asyncio.gather(*calls())

    lost = [answer for answer in before if isinstance(answer, BaseException)]
    payloads = [answer["lockUsers"] for answer in [*before, *again] if not isinstance(answer, BaseException)]
    assert all(isinstance(problem, httpx.TransportError) for problem in lost)
    assert reasons(payloads[0]) == [None] * 20
    assert all({**payload, "replayed": None} == {**payloads[0], "replayed": None} for payload in payloads)
    assert sum(not payload["replayed"] for payload in payloads) <= 1
    assert await BulkOperation.all().count() == 1
    assert await AuditEvent.all().count() == 20
    assert set(await PortalUser.all().values_list("status", "version")) == {("SUSPENDED", 2)}
    assert not await drift(world.parts.work)
