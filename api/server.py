"""The HTTP server: listening sockets, the limit of open files, start and shutdown."""

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

from api.app import app
from api.connections.connection_limits import ConnectionLimits, ConnectionTable
from api.connections.http_protocol import HttpProtocol
from api.parts import Parts

GRACE_SECONDS = 15
"""The maximum number of seconds that a shutdown waits for running requests."""

OTHER_FILES = 128
"""The number of file descriptors that are reserved for the database, mail, the log and served files."""

COLLECTOR_THRESHOLDS = (10_000, 20, 20)
"""The thresholds of the garbage collector's generations.

With Python's default, 700 for the first generation, the collector would run several times in each request.
"""

_WHY = {
    errno.EADDRINUSE: "the port is in use. Choose another one: gatehouse serve --port, or GATEHOUSE_PORT.",
    errno.EACCES: "ports this low need more rights. Choose one above 1023.",
    errno.EADDRNOTAVAIL: "this machine has no such address.",
}
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104  # a key to compare with; nothing listens there

# Not looked up, because the hosts file may lack ::1, and browsers try both addresses whatever it says.
_LISTENED = {"localhost": ("127.0.0.1", "::1")}


class CannotListen(Exception):
    """Raised if the server cannot listen on the host and port. The message says why."""


def listen(host: str, port: int) -> list[socket.socket]:
    """Return a listening socket for each address of `host`, all on one port.

    `localhost` means both loopback addresses. A `port` of 0 means a free port. Addresses that this machine does not
    have are skipped. Raise CannotListen if no address is left, or if the port is in use or not permitted.
    """
    try:
        found = [each for name in _LISTENED.get(host, (host,)) for each in _resolved(name, port)]
    except (OSError, UnicodeError):  # UnicodeError: the name cannot be encoded for a lookup
        raise CannotListen(f"Cannot listen on {host}: there is no such host.") from None
    listening: list[socket.socket] = []
    for family, _, _, _, address in dict.fromkeys(found):
        try:
            listening.append(_bound(family, (address[0], port, *address[2:])))
        except OSError as error:
            if error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT) and len(found) > 1:
                continue  # this machine has no IPv6
            for each in listening:
                each.close()
            why = _WHY.get(error.errno or 0, f"{error.strerror}.")
            raise CannotListen(f"Cannot listen on {host}, port {port}: {why}") from None
        port = port or listening[0].getsockname()[1]
    if not listening:
        raise CannotListen(f"Cannot listen on {host}, port {port}: {_WHY[errno.EADDRNOTAVAIL]}")
    return listening


def _resolved(name: str, port: int) -> list[Any]:
    return socket.getaddrinfo(name, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)


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
    """Return the URL of the GraphQL endpoint for a browser on this machine.

    `host` is the configured host, and `listening` are the sockets that `listen` has returned for it.
    """
    name = _ANYWHERE.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{name}:{listening[0].getsockname()[1]}/graphql"


def raise_descriptor_limit() -> int:
    """Raise the soft limit of open files to the hard limit. Return the resulting limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    except (OSError, ValueError):  # macOS reports an unlimited hard limit and rejects it
        return soft
    return hard if hard != resource.RLIM_INFINITY else sys.maxsize


def serve(parts: Parts, listening: list[socket.socket], started: Callable[[], None]) -> None:
    """Serve until SIGINT or SIGTERM, then finish running requests.

    `started` is called when the server accepts requests.
    """
    limits = ConnectionLimits(connections=parts.settings.max_connections)
    affordable = max(1, raise_descriptor_limit() - OTHER_FILES)
    table = ConnectionTable(
        replace(limits, connections=min(limits.connections, affordable)),
        clock=time.monotonic,
        count=parts.metrics.connection_refused,
    )
    _Server(http_config(app(parts), table), table, started).run(listening)


def http_config(application: Any, table: ConnectionTable) -> uvicorn.Config:
    """Return uvicorn's configuration for `application`. The open connections of the server are registered in `table`."""
    protocol: Any = partial(HttpProtocol, table=table)  # uvicorn's annotation is a class, but uvicorn only calls it
    return uvicorn.Config(
        application,
        http=protocol,
        lifespan="on",
        ws="none",
        proxy_headers=False,
        server_header=False,
        # URLs may hold values of a query. The reverse proxy writes an access log.
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


def freeze_startup_objects() -> None:
    """Exempt all existing objects from garbage collection, and collect less often (COLLECTOR_THRESHOLDS).

    Call this function once, after the start. The schema and the modules hold several hundred thousand objects that are
    never freed. If each collection traversed them, a request that makes many lists would spend nine tenths of its time
    in garbage collection.
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
        made: asyncio.Protocol = self.config.http_protocol_class(  # type: ignore[call-arg]  # uvicorn calls it with these arguments
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        return made

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # uvicorn would exit with the signal's code, and would drop open connections at a second signal, which some process
        # managers send.
        self.should_exit = True


def _accepted(listening: socket.socket) -> list[socket.socket]:
    """Accept and return the pending connections. Closing the listening socket would reset them."""
    accepted: list[socket.socket] = []
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:  # no connection is pending, or the socket is closed
            return accepted
        connection.setblocking(False)
        accepted.append(connection)
