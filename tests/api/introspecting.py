"""A client that calls `/introspect` as another service does."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx
from pydantic import SecretStr

from api import app as server
from tests.support.world import World

SECRET = "V+zB/fXq1s8mL0aK=Wn3yT6uR9eP2hC5dJ7gF4"
WIKI, BILLING = f"wiki:{SECRET}", f"billing.v2:{SECRET[::-1]}"


class Service:
    """A client that calls `/introspect`, by default with the credentials of the service `wiki`."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def post(self, credential: str | None = WIKI, **given: Any) -> httpx.Response:
        headers = {} if credential is None else {"Authorization": f"Basic {b64encode(credential.encode()).decode()}"}
        return await self.client.post("/introspect", **{"headers": headers, **given})

    async def ask(self, token: str) -> Any:
        response = await self.post(data={"token": token})
        assert response.status_code == 200
        return response.json()


@asynccontextmanager
async def serving(world: World, *credentials: str) -> AsyncIterator[Service]:
    """Serve the world's database with these service credentials. Yield a client of the server."""
    settings = world.parts.settings.model_copy(
        update={"service_credentials": tuple(SecretStr(each) for each in credentials)}
    )
    transport = httpx.ASGITransport(app=server.app(replace(world.parts, settings=settings)))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        yield Service(client)
