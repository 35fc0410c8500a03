"""An export ends normally only if it is complete. Lost access, slow clients and a time limit break it off."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from api import app as server
from models.db.sql import sql, write
from models.tables import Portal
from resolvers.csv.export_columns import PIECE_ROWS
from services.csv.user_export import PAGE_ROWS
from tests.support.processes.sockets import Client, Listening, listening
from tests.support.world import Ask, Person, World

END = b"0\r\n\r\n"
"""The last bytes of a complete answer: the empty chunk."""

PIECES_OF_A_PAGE = PAGE_ROWS // PIECE_ROWS
"""The number of pieces in which one page of users is sent."""

Change = Callable[[], Awaitable[object]]


class ChangedBetweenPages:
    """The application, which awaits `change` after it has sent the first page of an export."""

    def __init__(self, world: World, change: Change) -> None:
        self._app = server.app(world.parts)
        self._change = change

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        pieces = 0

        async def sending(message: Any) -> None:
            nonlocal pieces
            await send(message)
            pieces += message["type"] == "http.response.body"
            if pieces == PIECES_OF_A_PAGE and message["type"] == "http.response.body":
                await self._change()

        await self._app(scope, receive, sending)


@asynccontextmanager
async def asking(world: World, actor: Person, change: Change, **limits: Any) -> AsyncIterator[tuple[Listening, Client]]:
    """Serve the application, and request an export as the actor. Yield the server and the client."""
    async with listening(ChangedBetweenPages(world, change), **limits) as served:
        client = await served.client()
        await client.send(await request(world, actor))
        yield served, client


async def request(world: World, actor: Person) -> str:
    body = json.dumps({"columns": ["username", "name"], "orderBy": [{"field": "USERNAME"}]})
    return (
        f"POST /users/export HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {await world.token(actor)}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    )


async def everything(client: Client) -> bytes:
    async with asyncio.timeout(30):
        return await client.reader.read()


async def events(ask: Ask, actor: Person) -> list[dict[str, str]]:
    document = "{ auditLog(filter: {eventIn: [USERS_EXPORTED]}) { nodes { changes { field after } } } }"
    nodes = (await ask(document, actor=actor)).data["auditLog"]["nodes"]
    return [{change["field"]: change["after"] for change in node["changes"]} for node in nodes]


async def unassign(technician: Person, portal: Portal) -> None:
    await write(sql("DELETE FROM technician_assignment WHERE staff_id = ? AND portal_id = ?", technician.id, portal.id))


async def test_a_technician_who_loses_the_portal_gets_no_further_rows_and_no_end(
    world: World, ask: Ask, caplog: pytest.LogCaptureFixture
) -> None:
    one, two = await world.portal(), await world.portal()
    await world.users(PAGE_ROWS + 50, one)
    tim, nora = await world.technician(one, two), await world.mssp_admin()

    async with asking(world, tim, lambda: unassign(tim, one)) as (served, client):
        received = await everything(client)

        assert served.table.open == set()
    assert received.startswith(b"HTTP/1.1 200 OK\r\n")
    assert (received.count(b"\r\nuser."), received.endswith(END)) == (PAGE_ROWS, False)
    (event,) = await events(ask, nora)
    assert (event["rows"], event["isComplete"]) == (str(PAGE_ROWS), "false")
    assert event["selection"] == "all"  # how many users match is not known
    assert [record for record in caplog.records if record.name.startswith("uvicorn")] == []


async def test_a_session_that_is_revoked_ends_the_export_without_its_end(world: World, ask: Ask) -> None:
    ann, eve = await world.portal_admin(), await world.portal_admin()
    await world.users(PAGE_ROWS)

    async def revoke() -> None:
        await ask.act("revokeSessions", eve, ann)

    async with asking(world, ann, revoke) as (_, client):
        received = await everything(client)

    assert received.count(b"\r\nuser.") == PAGE_ROWS
    assert not received.endswith(END)
    assert [event["isComplete"] for event in await events(ask, eve)] == ["false"]


async def test_an_admin_who_loses_the_role_gets_no_further_rows(world: World, ask: Ask) -> None:
    ann, eve = await world.portal_admin(), await world.portal_admin()
    await world.users(PAGE_ROWS)

    async def demote() -> None:
        await write(sql("UPDATE portal_user SET role = 'PORTAL_USER' WHERE id = ?", ann.id))

    async with asking(world, ann, demote) as (_, client):
        received = await everything(client)

    assert not received.endswith(END)
    assert [event["rows"] for event in await events(ask, eve)] == [str(PAGE_ROWS)]


async def test_a_whole_export_has_its_end_and_keeps_the_connection(world: World, ask: Ask) -> None:
    ann = await world.portal_admin()
    await world.users(PAGE_ROWS)  # with the admin, two pages

    async def nothing() -> None: ...

    async with asking(world, ann, nothing) as (_, client):
        async with asyncio.timeout(30):
            received = await client.reader.readuntil(END)
        await client.send("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")

        assert received.count(b"\r\nuser.") == PAGE_ROWS + 1
        assert (await client.answer()).startswith("200 ")


async def test_a_client_that_stalls_is_dropped_and_the_export_ends(world: World, ask: Ask) -> None:
    ann = await world.portal_admin()
    await world.users(4 * PAGE_ROWS, first_name="A" * 100, last_name="B" * 100)

    async with listening(server.app(world.parts), send_seconds=0.05) as served:
        with socket.socket() as stalled:
            stalled.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            stalled.setblocking(False)
            await asyncio.get_running_loop().sock_connect(stalled, ("127.0.0.1", served.port))
            await served.until(lambda: served.state.connections)
            for connection in served.state.connections:
                sent_from = connection.transport.get_extra_info("socket")
                sent_from.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
            await asyncio.get_running_loop().sock_sendall(stalled, (await request(world, ann)).encode())
            await served.until(lambda: served.refused)
            await served.until(lambda: not served.state.tasks)

    assert served.refused == ["send-timeout"]
    assert [event["isComplete"] for event in await events(ask, ann)] == ["false"]


async def test_a_client_that_reads_slowly_gets_the_whole_file(world: World, ask: Ask) -> None:
    ann = await world.portal_admin()
    await world.users(2 * PAGE_ROWS, first_name="A" * 100, last_name="B" * 100)

    async with listening(server.app(world.parts), send_seconds=5) as served:
        reader, writer = await asyncio.open_connection("127.0.0.1", served.port, limit=1024)
        writer.write((await request(world, ann)).encode())
        received = b""
        async with asyncio.timeout(30):
            while not received.endswith(END):
                received += await reader.read(1000)
        writer.close()

    assert received.count(b"\r\nuser.") == 2 * PAGE_ROWS + 1


async def test_an_account_has_two_exports_at_once_and_another_account_its_own(world: World) -> None:
    ann, eve = await world.portal_admin(), await world.portal_admin()
    await world.users(PAGE_ROWS)
    released = asyncio.Event()

    async with listening(ChangedBetweenPages(world, released.wait)) as served:
        clients = [await served.client() for _ in range(4)]
        statuses = []
        for client, actor in zip(clients, (ann, ann, ann, eve), strict=True):
            await client.send(await request(world, actor))
            statuses.append((await client.reader.readline()).decode().split(" ")[1])
        released.set()
        first, _, _, last = clients
        async with asyncio.timeout(30):
            ends = [await each.reader.readuntil(END) for each in (first, last)]

    assert statuses == ["200", "200", "429", "200"]
    assert [end.count(b"\r\nuser.") for end in ends] == [PAGE_ROWS + 2] * 2
