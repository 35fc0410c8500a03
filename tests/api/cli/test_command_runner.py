"""Every command refuses a database that a newer version has changed, and says what to do."""

from __future__ import annotations

import subprocess
from asyncio import to_thread
from pathlib import Path

from models.db.sql import sql, write
from tests.support.databases import Database
from tests.support.processes.commands import COMMAND, environment
from tests.support.world import Ask

WHY = "a newer version has changed the database"


async def changed_by_a_newer_version() -> None:
    await write(
        sql("INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('models', '9999_later', '2030-01-01')")
    )


async def test_serve_and_doctor_refuse_a_database_of_a_newer_version(db: Database, tmp_path: Path) -> None:
    await changed_by_a_newer_version()
    env = environment(database_url=db.url, data_dir=tmp_path)

    for command in (["serve", "--port", "0"], ["doctor"]):
        ended = await to_thread(
            subprocess.run, [*COMMAND, *command], env=env, capture_output=True, text=True, check=False
        )

        assert ended.returncode
        assert "9999_later" in ended.stdout + ended.stderr


async def test_readyz_refuses_a_database_of_a_newer_version(ask: Ask) -> None:
    await changed_by_a_newer_version()

    ready = await ask.client.get("/readyz")

    assert (ready.status_code, ready.json()["why"]) == (503, WHY)
