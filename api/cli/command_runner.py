"""Run the body of a command: read the settings, open the database, and report failures as messages."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from api.cli.terminal.output import fail, warn
from api.core.log_origin import LogOrigin, coming_from
from api.parts import Parts, make_parts
from api.settings import unsafe_settings
from api.settings.private_files import restrict_access
from api.settings.settings import Settings, load, read
from api.settings.settings_errors import SettingsError
from api.telemetry import logs
from models.db.database import database
from models.db.database_errors import damaged, reason, unavailable
from models.db.migrate import NewerDatabase, pending, refuse_unknown, unknown
from rules.refusals import Refusal

T = TypeVar("T")


class Impossible(Exception):
    """Raised if a command cannot do its work. The message is a sentence that the command prints."""


def settings(*, creates: bool = False) -> Settings:
    """Return the settings. Also restrict the permissions of Gatehouse's files to their owner.

    Print a message and exit with code 1 in these cases:

    - A setting is invalid, or an environment variable is misspelt.
    - The SQLite file does not exist and `creates` is false. `creates` states whether the command makes the file.
    """
    try:
        if faults := unsafe_settings.misspelt():
            raise SettingsError(*faults)
        if not creates and (missing := _missing_file(read())):
            fail(
                f"There is no database at {missing}. To work on a service's, run the command with its environment and as"
                " its user. To make one here, run: gatehouse migrate"
            )
        loaded = load()
        for sentence in restrict_access(loaded):
            warn(sentence, style="yellow")
        return loaded
    except SettingsError as problem:
        fail(str(problem))


def _missing_file(given: Settings) -> Path | None:
    kind, _, path = given.database_url.partition("://")
    return Path(path) if kind == "sqlite" and path and not Path(path).exists() else None


def run(body: Callable[[Parts], Awaitable[T]], *, migrated: bool = True, command: str | None = None) -> T:
    """Make the parts of the process, open the database, await `body` and return its result.

    - `migrated`: whether the database must exist and have all migrations.
    - `command`: the name that the security log records as the origin of events.

    Print a message and exit with code 1 if the settings are invalid, or in the cases in which the function
    `in_database` raises Impossible.
    """
    parts = make_parts(settings(creates=not migrated))
    logs.configure_for_command(for_people=parts.settings.env == "development")
    try:
        with coming_from(LogOrigin(command=command)):
            return in_database(parts.settings.database_url, lambda: body(parts), migrated=migrated)
    except Impossible as problem:
        fail(str(problem))
    finally:
        parts.close()


def in_database(url: str, body: Callable[[], Awaitable[T]], *, migrated: bool = True) -> T:
    """Open the database at `url`, await `body` and return its result.

    `migrated` states whether the database must have all migrations. Raise Impossible in each of these cases:

    - The database is damaged or cannot be reached.
    - `migrated` is true and the database lacks a migration.
    - `body` raises Refusal, ValueError, FileNotFoundError or NewerDatabase.
    """

    async def opened() -> T:
        async with database(url, statement_timeout=None):
            if migrated:
                refuse_unknown(await unknown())
            if migrated and (missing := await pending()):
                raise Impossible(f"The database lacks {', '.join(missing)}. Run: gatehouse migrate")
            return await body()

    try:
        return asyncio.run(opened())
    except Refusal as refusal:
        raise Impossible(refusal.message or refusal.code.value) from None
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
