"""The memory of an export does not grow with the file."""

from __future__ import annotations

import asyncio
import gc
import json
import tracemalloc
from typing import Any

from api import app as server
from models.db.sql import sql, write
from models.tables import PortalUser
from tests.support.databases import on_sqlite
from tests.support.world import Person, World

FEW, MANY = 2_000, 12_000  # 5,000 and 100,000 users took 2.5 MiB, too, in three minutes
MOST_BYTES = 8 * 1024**2
"""The maximum memory of an export, in bytes. All rows of the larger export would take 15 MB as objects."""

_COPIED = {
    "id": "printf('%08x-0000-4000-8000-000000000000', n.value)",
    "username": "printf('copy.%06d', n.value)",
    "username_key": "printf('copy.%06d', n.value)",
    "username_sort": "printf('copy.%06d', n.value)",
    "email": "NULL",
    "email_key": "NULL",
}


async def copy(user: Person, first: int, last: int) -> None:
    """Add copies of the user, one for each number from `first` to `last`."""
    names = sorted(PortalUser._meta.fields_db_projection.values())
    values = ", ".join(_COPIED.get(name, f"u.{name}") for name in names)
    await write(
        f"WITH RECURSIVE n(value) AS (SELECT {first} UNION ALL SELECT value + 1 FROM n WHERE value < {last})"
        f" INSERT INTO portal_user ({', '.join(names)}) SELECT {values} FROM portal_user u, n WHERE "
        + sql("u.id = ?", user.id)
    )


async def rows_sent(world: World, actor: Person) -> int:
    """Export all users, discard the file, and return the number of its lines without the header."""
    body = json.dumps({"columns": ["id", "username", "name", "email", "status", "addedAt"]}).encode()
    headers = [(b"host", b"localhost"), (b"content-type", b"application/json")]
    headers += [(b"authorization", f"Bearer {await world.token(actor)}".encode())]
    scope = {"type": "http", "method": "POST", "path": "/users/export", "headers": headers, "query_string": b""}
    scope |= {"scheme": "http", "server": ("localhost", 80), "client": ("127.0.0.1", 1), "http_version": "1.1"}
    messages = [{"type": "http.request", "body": body, "more_body": False}]
    lines = 0

    async def receive() -> Any:
        return messages.pop() if messages else await _never()

    async def send(message: Any) -> None:
        nonlocal lines
        lines += message.get("body", b"").count(b"\r\n")

    await server.app(world.parts)(scope, receive, send)
    return lines - 1


async def _never() -> Any:
    await asyncio.Event().wait()


async def memory_of_an_export(world: World, actor: Person) -> tuple[int, int]:
    """Return the number of rows of an export, and its peak memory in bytes."""
    gc.collect()
    tracemalloc.start()
    try:
        return await rows_sent(world, actor), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@on_sqlite
async def test_an_export_of_many_users_takes_flat_memory(world: World) -> None:
    ann = await world.portal_admin()
    user = await world.user()
    await copy(user, 1, FEW)
    await rows_sent(world, ann)  # makes what is made once
    few, small = await memory_of_an_export(world, ann)
    await copy(user, FEW + 1, MANY)

    many, large = await memory_of_an_export(world, ann)

    assert (few, many) == (FEW + 2, MANY + 2)
    assert large < MOST_BYTES
    assert large < 1.5 * small
