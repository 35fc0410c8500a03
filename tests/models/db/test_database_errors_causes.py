"""A database that refuses connections or fails. The operator's message contains only the class of the cause."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from tortoise.transactions import in_transaction

from models.db.database import database, healthy
from models.db.database_errors import damaged, reason, transient, unavailable
from models.db.migrate import migrate, unfit
from models.db.sql import sql, write
from tests.support.databases import Database, on_postgres, on_sqlite


@asynccontextmanager
async def refusing(code: str) -> AsyncIterator[str]:
    """Run a server that refuses each connection with the SQLSTATE `code`. Yield its URL."""

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(4096)
        fields = b"".join(kind + text.encode() + b"\0" for kind, text in ((b"S", "FATAL"), (b"C", code), (b"M", "no")))
        writer.write(b"E" + (len(fields) + 5).to_bytes(4, "big") + fields + b"\0")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield f"postgres://ann:a-password@127.0.0.1:{port}/gatehouse?sslmode=disable"


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("28P01", "the user, the password"),
        ("28000", "the user, the password"),
        ("3D000", "no such database"),
        ("53300", "no connection left"),
        ("53100", "disk is full"),
        ("57P03", "starting up"),
        ("08P01", "connection pooler"),
    ],
)
async def test_the_log_says_why_a_database_server_refuses(code: str, told: str) -> None:
    async with refusing(code) as url:
        with pytest.raises(Exception, match="No connection") as refused:
            async with database(url):
                pass

    why = reason(refused.value)
    assert told in why
    assert code in why
    assert "a-password" not in why
    assert unavailable(refused.value)


async def test_the_log_says_that_no_server_listens() -> None:
    with pytest.raises(Exception, match="No connection") as refused:
        async with database("postgres://ann:a-password@127.0.0.1:1/gatehouse"):
            pass

    assert reason(refused.value) == "nothing listens at that address and port (ConnectionRefusedError)"


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ("", "an option of the URL is wrong, or the certificate file that it needs is missing"),
        ("&sslrootcert=/nowhere.pem", "there is no socket, or no certificate file, at that path"),
    ],
)
async def test_the_log_says_that_a_certificate_file_is_missing(
    option: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))

    with pytest.raises(Exception, match="No connection") as refused:
        async with database(f"postgres://ann:a-password@127.0.0.1:1/gatehouse?sslmode=verify-full{option}"):
            pass

    assert told in reason(refused.value)


@asynccontextmanager
async def dropping_settings(db: Database) -> AsyncIterator[str]:
    """Run a proxy in front of the database that drops the connection's settings, as PgBouncer can. Yield the proxy's
    URL.
    """
    parts = urlsplit(db.url)
    folder = parse_qs(parts.query).get("host", [None])[0]

    async def passed_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(65536):
            writer.write(piece)
        writer.close()

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        length = int.from_bytes(await reader.readexactly(4), "big")
        asked = await reader.readexactly(length - 4)
        protocol, given = asked[:4], asked[4:].rstrip(b"\0").split(b"\0")
        kept = [word for pair in zip(given[::2], given[1::2], strict=True) if pair[0] in KEPT for word in pair]
        opening = protocol + b"\0".join(kept) + b"\0\0"
        if folder:
            inner, outer = await asyncio.open_unix_connection(f"{folder}/.s.PGSQL.5432")
        else:
            inner, outer = await asyncio.open_connection(parts.hostname, parts.port or 5432)
        outer.write((len(opening) + 4).to_bytes(4, "big") + opening)
        await asyncio.gather(passed_on(reader, outer), passed_on(inner, writer))

    server = await asyncio.start_server(connect, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield f"postgres://postgres@127.0.0.1:{port}{parts.path}?sslmode=disable"


KEPT = (b"user", b"database")


@on_postgres
async def test_a_pooler_that_drops_the_settings_is_refused_at_the_start(closed_db: Database) -> None:
    async with dropping_settings(closed_db) as url:
        with pytest.raises(ConnectionError) as refused:
            async with database(url):
                pass

    assert "connection pooler" in reason(refused.value)
    assert unavailable(refused.value)


@on_sqlite
async def test_reads_go_on_while_a_write_waits_for_another_process(db: Database) -> None:
    other = sqlite3.connect(db.url.removeprefix("sqlite://"), timeout=0, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    waiting = asyncio.create_task(_write())

    for _ in range(20):
        await asyncio.sleep(0)
        assert await healthy()
    assert not waiting.done()

    other.execute("COMMIT")
    await waiting
    other.close()


async def _write() -> None:
    async with in_transaction() as transaction:
        await transaction.execute_query("CREATE TABLE written (id INT)")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("SQLITE_IOERR_WRITE", "the disk cannot be read or written"),
        ("SQLITE_IOERR_FSYNC", "the disk cannot be read or written"),
        ("SQLITE_IOERR_SHORT_READ", "the disk cannot be read or written"),
        ("SQLITE_FULL", "the disk is full"),
        ("SQLITE_CANTOPEN_ISDIR", "the file cannot be opened"),
        ("SQLITE_READONLY_DIRECTORY", "the file or its folder is read-only"),
    ],
)
def test_a_disk_that_fails_under_sqlite_is_unavailable_and_told(name: str, told: str) -> None:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorname = name

    assert unavailable(error)
    assert not transient(error)
    assert not damaged(error)
    assert reason(error) == f"{told} ({name})"


async def test_a_database_of_a_newer_version_is_refused_with_the_way_out(db: Database) -> None:
    assert await unfit() is None
    await write(
        sql("INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('models', '9999_later', '2030-01-01')")
    )

    why = await unfit()

    assert why == "a newer version has changed the database"
    with pytest.raises(Exception, match=r"it has 9999_later\. Run that version or a later one"):
        await migrate()
