"""Run the server's HTTP protocol on a real socket inside the test, with limits that the test sets, and raw clients."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse
from uvicorn.server import ServerState

from api.connections.connection_limits import ConnectionLimits, ConnectionTable
from api.server import http_config

PATIENCE = 30
"""The number of seconds after which a test that waits for an event fails."""

FOREVER = 3600.0
"""A limit, in seconds, that no test reaches."""


def has_ipv6() -> bool:
    """Return whether this machine has the address ::1."""
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


@dataclass
class Answering:
    """An application that answers with the request's method, path and body as soon as `may_answer` is set."""

    may_answer: asyncio.Event = field(default_factory=asyncio.Event)
    asked: list[str] = field(default_factory=list)
    abandoned: int = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope, receive)
        self.asked.append(request.url.path)
        try:
            body = (await request.body()).decode()
        except ClientDisconnect:
            self.abandoned += 1
            return
        await self.may_answer.wait()
        length = int(request.query_params.get("length", 0))
        names = " ".join(sorted(request.headers))
        answer = PlainTextResponse(f"{request.method} {request.url.path} [{names}] {body}." + "x" * length)
        await answer(scope, receive, send)


@dataclass
class Listening:
    """A server's port, its table of connections, and the number of refusals of each kind."""

    port: int
    table: ConnectionTable
    state: ServerState
    refused: list[str]
    clients: list[Client] = field(default_factory=list)

    async def client(self) -> Client:
        """Open a connection to the server. The connection is closed together with the server."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=2**24)
        self.clients.append(Client(reader, writer))
        return self.clients[-1]

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not condition():  # noqa: ASYNC110  # a turn of the loop, no wait
                await asyncio.sleep(0)


@dataclass
class Client:
    """An HTTP client that sends text as it is, over one TCP connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, *parts: str) -> None:
        """Send each of the parts in a separate TCP segment."""
        self.writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for part in parts:
            self.writer.write(part.encode())
            await self.writer.drain()

    async def answer(self) -> str:
        """Read the next answer.

        Return its status, its Connection header if present, and its body; "" at the connection's end.
        """
        async with asyncio.timeout(PATIENCE):
            try:
                head = (await self.reader.readuntil(b"\r\n\r\n")).decode().lower()
            except asyncio.IncompleteReadError as end:
                return end.partial.decode()
            length = int(head.split("content-length: ")[1].split("\r\n")[0])
            body = (await self.reader.readexactly(length)).decode()
        closes = " close" if "\r\nconnection: close\r\n" in head else ""
        return f"{head.split(' ')[1]}{closes} {body}"

    async def ends(self) -> bool:
        """Return whether the connection ends without further data."""
        async with asyncio.timeout(PATIENCE):
            try:
                return await self.reader.read() == b""
            except ConnectionError:
                return True

    def close(self) -> None:
        self.writer.transport.abort()


@asynccontextmanager
async def listening(
    application: Callable[..., Awaitable[None]], clock: Callable[[], float] = lambda: 0.0, **limits: Any
) -> AsyncIterator[Listening]:
    """Serve an application. A time limit that is not in `limits` is never reached."""
    times = dict.fromkeys((name for name in ConnectionLimits.__slots__ if name.endswith("_seconds")), FOREVER)
    refused: list[str] = []
    table = ConnectionTable(ConnectionLimits(**{**times, **limits}), clock=clock, count=refused.append)
    config = http_config(application, table)
    config.load()
    state, loop = ServerState(), asyncio.get_running_loop()

    def protocol() -> asyncio.Protocol:
        made: asyncio.Protocol = config.http_protocol_class(config=config, server_state=state, app_state={}, _loop=loop)  # type: ignore[call-arg]  # as uvicorn calls it
        return made

    server = await loop.create_server(protocol, "127.0.0.1", 0)
    started = Listening(server.sockets[0].getsockname()[1], table, state, refused)
    try:
        yield started
    finally:
        server.close()
        for client in started.clients:
            client.close()
        for connection in list(state.connections):
            connection.transport.abort()
        while state.connections or state.tasks:  # noqa: ASYNC110  # a turn of the loop, no wait
            await asyncio.sleep(0)
