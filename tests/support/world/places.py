"""Call the server from another network address, another browser, or through another process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx

from api import app as server
from api.parts import Parts, make_parts
from tests.support.world import HASHER, Ask, World

ELSEWHERE = "198.51.100.7"
FAR_AWAY = "203.0.113.9"


@asynccontextmanager
async def calling_from(world: World, address: str, **headers: str) -> AsyncIterator[Ask]:
    """Return a client that calls from the given address, with the given headers and a separate cookie jar."""
    transport = httpx.ASGITransport(app=server.app(world.parts), client=(address, 5000))
    async with httpx.AsyncClient(transport=transport, base_url="https://127.0.0.1:8000", headers=headers) as client:
        yield Ask(world, client)


@asynccontextmanager
async def another_process(world: World, address: str = ELSEWHERE, **settings: Any) -> AsyncIterator[Ask]:
    """Return a client of a second server over the same database.

    The two servers share no memory. Their settings are equal except for the given ones.
    """
    changed = world.parts.settings.model_copy(update=settings)
    parts: Parts = make_parts(changed, world.clock, hasher=HASHER)
    async with calling_from(World(parts, world.clock), address) as ask:
        yield ask
    await parts.runtime.transactions.drain(timedelta(seconds=5))
    parts.close()
