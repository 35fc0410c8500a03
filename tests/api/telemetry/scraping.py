"""Read the metrics of a server, as Prometheus does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx
from pydantic import SecretStr

from api import app as server
from api.parts import Parts


@asynccontextmanager
async def caller(parts: Parts, host: str = "127.0.0.1", token: str | None = None) -> AsyncIterator[httpx.AsyncClient]:
    """Yield a client at the address `host`. `token` is the application's setting `metrics_token`."""
    settings = parts.settings.model_copy(update={"metrics_token": SecretStr(token) if token else None})
    transport = httpx.ASGITransport(server.app(replace(parts, settings=settings)), client=(host, 50000))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        yield client
