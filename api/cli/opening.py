"""What commands open before they do their work: the settings, and the database that these name."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from api import app as server
from api.app import Gatehouse
from api.cli.telling import fail
from api.settings import Settings, SettingsError, load
from models.database import database
from models.database_errors import damaged, reason, unavailable
from models.migrate import NewerDatabase, pending, refuse_unknown, unknown
from rules.refusals import Refusal

T = TypeVar("T")


class Impossible(Exception):
    """A command cannot do its work; the message is a sentence for who gave it."""


def settings() -> Settings:
    """The settings; where they cannot be used the command ends."""
    try:
        return load()
    except SettingsError as problem:
        fail(str(problem))


def run(body: Callable[[Gatehouse], Awaitable[T]], *, migrated: bool = True) -> T:
    """What `body` gives with the database open; problems become a sentence and exit code 1."""
    parts = server.gatehouse(settings())
    try:
        return in_database(parts.settings.database_url, lambda: body(parts), migrated=migrated)
    except Impossible as problem:
        fail(str(problem))
    finally:
        parts.close()


def in_database(url: str, body: Callable[[], Awaitable[T]], *, migrated: bool = True) -> T:
    """What `body` gives while this database is open; Impossible says why not."""

    async def opened() -> T:
        async with database(url, statement_timeout=None):
            if migrated:
                refuse_unknown(await unknown())
            if migrated and (missing := await pending()):
                raise Impossible(f"The database lacks {', '.join(missing)}. Run: gatehouse migrate")
            return await body()

    try:
        return asyncio.run(opened())
    except Refusal as no:
        raise Impossible(no.message or no.code.value) from None
    except (FileNotFoundError, ValueError, NewerDatabase) as problem:
        raise Impossible(str(problem)) from None
    except Exception as problem:
        if unavailable(problem):
            raise Impossible(
                f"The database cannot be reached: {reason(problem)}. It is what GATEHOUSE_DATABASE_URL names."
            ) from None
        if damaged(problem):
            raise Impossible("What GATEHOUSE_DATABASE_URL names is no SQLite database, or a damaged one.") from None
        raise
