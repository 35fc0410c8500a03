"""Command-line arguments, and a function that reads the database, for several tests of the command line."""

from __future__ import annotations

import asyncio

from models.db.database import database
from models.db.sql import Sql, fetch, write
from tests.support.processes.commands import Shell

SECRET = "a password that no other account has"

STAFF = ("create-staff", "--mssp", "Example", "--email", "ada@example.com", "--name", "Ada")

PORTAL = (
    "create-portal",
    "--mssp",
    "Example",
    "--slug",
    "harbour",
    "--name",
    "Harbour",
    "--admin-email",
    "pia@harbour.example",
    "--admin-first-name",
    "Pia",
)

FROM_STDIN = ("--password-file", "-")


def rows(shell: Shell, statement: str) -> list[dict[str, object]]:
    """Run a statement on the shell's database. Return the rows of a SELECT, and no rows for another statement."""

    async def body() -> list[dict[str, object]]:
        async with database(str(shell.settings["database_url"])):
            read = fetch if statement.startswith("SELECT") else write
            return [dict(row) for row in await read(Sql(statement))]

    return asyncio.run(body())
