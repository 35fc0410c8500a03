"""Sign-ins and refreshes per second. Two server processes share all cores, as behind a proxy."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx

from services.admin import demo
from tests.bench.load import PATIENCE
from tests.bench.measurement import Effort, Measurement
from tests.bench.site import Site, served

PROCESSES = 2
KEYCLOAK = {"sign-ins": 30.0, "refreshes": 240.0}
"""The requests per second that Keycloak's sizing guide gives for two cores: 15 logins and 120 refreshes for each core.
"""

SIGN_IN = """
mutation SignIn($input: SignInInput!) {
  signIn(input: $input) { session { accessToken refreshToken } errors { code } }
}
"""
REFRESH = """
mutation Refresh($input: RefreshSessionInput!) {
  refreshSession(input: $input) { session { refreshToken } errors { code } }
}
"""
ACCOUNT = {"login": demo.ACCOUNTS[0][0], "password": demo.PASSWORD}


class GraphQLServer:
    """A client that sends GraphQL documents to the server with the URL `address`."""

    def __init__(self, client: httpx.AsyncClient, address: str) -> None:
        self._client = client
        self._address = address

    async def ask(self, document: str, **variables: object) -> Any:
        response = await self._client.post(self._address, json={"query": document, "variables": variables})
        (payload,) = response.json()["data"].values()
        if payload["errors"]:
            raise SystemExit(f"The server answers: {payload['errors']}")
        return payload["session"]


Lane = Callable[[GraphQLServer], Awaitable[Callable[[], Awaitable[None]]]]
"""A function that prepares one connection to a server. It returns the function that is then measured repeatedly."""


def measure(site: Site, effort: Effort) -> Iterator[Measurement]:
    """Measure the sign-ins and the refreshes per second. The references are the numbers of Keycloak's sizing guide."""
    with tempfile.TemporaryDirectory(prefix="gatehouse-") as folder, ExitStack() as stack:
        servers = [
            stack.enter_context(served(site.tree, site.settings, Path(folder), pinned=False)) for _ in range(PROCESSES)
        ]
        addresses = [server.address for server in servers]
        for name, lane in (("sign-ins", _signing_in), ("refreshes", _refreshing)):
            values = [
                asyncio.run(_per_second(addresses, lane, effort.connections, effort.seconds))
                for _ in range(effort.rounds)
            ]
            yield Measurement(
                f"{name} with {PROCESSES} processes",
                site.database,
                "requests/s",
                tuple(values),
                "Keycloak's sizing for two cores",
                (KEYCLOAK[name],) * effort.rounds,
            )


async def _per_second(addresses: list[str], lane: Lane, connections: int, seconds: float) -> float:
    """Return how many requests all servers together answer per second. `lane` prepares each connection."""
    done = 0

    async def repeat(run: Callable[[], Awaitable[None]], until: float) -> None:
        nonlocal done
        while time.perf_counter() < until:
            await run()
            done += 1

    async with httpx.AsyncClient(timeout=PATIENCE) as client:
        prepared = [await lane(GraphQLServer(client, address)) for address in addresses for _ in range(connections)]
        begun = time.perf_counter()
        await asyncio.gather(*(repeat(run, begun + seconds) for run in prepared))
        return done / (time.perf_counter() - begun)


async def _signing_in(server: GraphQLServer) -> Callable[[], Awaitable[None]]:
    async def run() -> None:
        await server.ask(SIGN_IN, input=ACCOUNT)

    return run


async def _refreshing(server: GraphQLServer) -> Callable[[], Awaitable[None]]:
    token = (await server.ask(SIGN_IN, input=ACCOUNT))["refreshToken"]

    async def run() -> None:
        nonlocal token
        token = (await server.ask(REFRESH, input={"refreshToken": token}))["refreshToken"]

    return run
