"""The fixtures of most tests: `world` creates data, `ask` calls the API, and a test moves `clock`."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import cache

import httpx
import pytest
import pytest_asyncio
from argon2 import PasswordHasher
from pydantic import SecretStr

from api import app as server
from api.parts import Parts, make_parts
from api.settings.settings import PREFIX, Settings
from tests.support.databases import Database
from tests.support.world.asking import Ask
from tests.support.world.clock import TestClock
from tests.support.world.passwords import HASHER
from tests.support.world.world import World


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.fixture
def hasher() -> PasswordHasher:
    return HASHER


@pytest.fixture
def parts(db: Database, clock: TestClock, hasher: PasswordHasher) -> Parts:
    """Return the application's Parts (the objects that a process makes once), with the database of the running test."""
    environment = frozenset((name, value) for name, value in os.environ.items() if name.startswith(PREFIX))
    settings = _settings(environment).model_copy(update={"database_url": db.url})
    return make_parts(settings, clock, hasher=hasher)


@cache
def _settings(environment: frozenset[tuple[str, str]]) -> Settings:
    """Return the settings for this environment. They are cached, because reading them takes longer than a request."""
    return Settings(secret_key=SecretStr("a-secret-for-tests-of-32-bytes-or-more"))


@pytest.fixture
def world(parts: Parts, clock: TestClock, hasher: PasswordHasher) -> World:
    return World(parts, clock, hasher)


@pytest_asyncio.fixture
async def ask(world: World) -> AsyncIterator[Ask]:
    transport = httpx.ASGITransport(app=server.app(world.parts))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        yield Ask(world, client)
    await world.parts.runtime.transactions.drain(timedelta(seconds=5))
    world.parts.close()
