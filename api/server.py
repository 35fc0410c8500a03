"""The HTTP server: sockets, limits of the process, start and stop."""

from __future__ import annotations

import asyncio
import errno
import gc
import resource
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from types import FrameType
from typing import Any

import uvicorn

from api.app import Gatehouse, app
from api.connections.connection_limits import ConnectionLimits, ConnectionTable
from api.connections.http_protocol import HttpProtocol

GRACE_SECONDS = 15
"""How long a shutdown waits for requests that are being answered."""

OTHER_FILES = 128
"""Descriptors that are no clients' connections: the database, mail, log, and files that are served."""

COLLECTOR_THRESHOLDS = (10_000, 20, 20)
"""Of the garbage collector's generations. Python's 700 makes it run several times in every request."""

_WHY = {
    errno.EADDRINUSE: "the port is in use. Choose another one: gatehouse serve --port, or GATEHOUSE_PORT.",
    errno.EACCES: "ports this low need more rights. Choose one above 1023.",
    errno.EADDRNOTAVAIL: "this machine has no such address.",
}
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104  # compared with, not listened on


class CannotListen(Exception):
    """The host and port cannot be listened on; the message says why."""


def listen(host: str, port: int) -> list[socket.socket]:
    """Return sockets that listen at every address of the host, all on one port (0: a free one). Raise CannotListen."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):  # the second is for names that cannot be looked up at all
        raise CannotListen(f"Cannot listen on {host}: there is no such host.") from None
    listening: list[socket.socket] = []
    for family, _, _, _, address in dict.fromkeys(found):
        try:
            listening.append(_bound(family, (address[0], port, *address[2:])))
        except OSError as error:
            if error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT) and len(found) > 1:
                continue  # localhost has an IPv6 address also where the machine has no IPv6
            for each in listening:
                each.close()
            why = _WHY.get(error.errno or 0, f"{error.strerror}.")
            raise CannotListen(f"Cannot listen on {host}, port {port}: {why}") from None
        port = port or listening[0].getsockname()[1]
    if not listening:
        raise CannotListen(f"Cannot listen on {host}, port {port}: {_WHY[errno.EADDRNOTAVAIL]}")
    return listening


def _bound(family: int, address: tuple[str | int, ...]) -> socket.socket:
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind(address)
        bound.listen(2048)
    except BaseException:
        bound.close()
        raise
    return bound


def address(host: str, listening: list[socket.socket]) -> str:
    """Return the address to open in a browser on this machine."""
    name = _ANYWHERE.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{name}:{listening[0].getsockname()[1]}/graphql"


def raise_descriptor_limit() -> int:
    """Raise this process's limit of open files to the most it may have. Return the limit that holds."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    except (OSError, ValueError):  # macOS names no limit here, and takes none
        return soft
    return hard if hard != resource.RLIM_INFINITY else sys.maxsize


def serve(parts: Gatehouse, listening: list[socket.socket], started: Callable[[], None]) -> None:
    """Serve until SIGINT or SIGTERM, then finish what is being answered. Call `started` once it serves."""
    limits = ConnectionLimits(connections=parts.settings.max_connections)
    affordable = max(1, raise_descriptor_limit() - OTHER_FILES)
    table = ConnectionTable(
        replace(limits, connections=min(limits.connections, affordable)),
        clock=time.monotonic,
        count=parts.metrics.connection_refused,
    )
    _Server(http_config(app(parts), table), table, started).run(listening)


def http_config(application: Any, table: ConnectionTable) -> uvicorn.Config:
    """Return how uvicorn serves an application over connections that are in `table`."""
    protocol: Any = partial(HttpProtocol, table=table)  # uvicorn names a class; it calls it and nothing else
    return uvicorn.Config(
        application,
        http=protocol,
        lifespan="on",
        ws="none",
        proxy_headers=False,
        server_header=False,
        # URLs may hold a query's values; who calls what is for the proxy in front to write down.
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


def freeze_startup_objects() -> None:
    """Exempt all objects made so far from garbage collection, and raise the collector's thresholds.

    The schema and the modules are some hundred thousand objects that live as long as the process. Without this, a
    request that makes many containers spends nine tenths of its time in collections that traverse all of them.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTOR_THRESHOLDS)


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, table: ConnectionTable, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._table = table
        self._announce_start = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        freeze_startup_objects()
        self._announce_start()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._table.is_draining = True
        accepted = [connection for listening in sockets or () for connection in _accepted(listening)]
        for server in self.servers:
            server.close()
        for connection in accepted:
            await asyncio.get_running_loop().connect_accepted_socket(self._protocol, connection)
        await super().shutdown(sockets)

    def _protocol(self) -> asyncio.Protocol:
        made: asyncio.Protocol = self.config.http_protocol_class(  # type: ignore[call-arg]  # as uvicorn calls it
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        return made

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # uvicorn would end with the signal's exit code, and at a second signal drop what is open: some send it twice.
        self.should_exit = True


def _accepted(listening: socket.socket) -> list[socket.socket]:
    """Return the connections that wait to be accepted: closing the listening socket would reset them."""
    accepted: list[socket.socket] = []
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:  # none is left, or the socket is closed
            return accepted
        connection.setblocking(False)
        accepted.append(connection)
