"""Serving over HTTP, from the first "listening" to the last open transaction."""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable
from types import FrameType

import uvicorn

from api.app import Gatehouse, app

GRACE_SECONDS = 15
"""How long a shutdown waits for requests that are being answered."""

_WHY = {
    errno.EADDRINUSE: "the port is in use. Choose another one: gatehouse serve --port, or GATEHOUSE_PORT.",
    errno.EACCES: "ports this low need more rights. Choose one above 1023.",
    errno.EADDRNOTAVAIL: "this machine has no such address.",
}
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104  # compared with, not listened on


class CannotListen(Exception):
    """There is no listening at that host and port; the message says why."""


def listen(host: str, port: int) -> list[socket.socket]:
    """Listens at every address of the host, all with the same port (0: any free one); CannotListen says why not."""
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
    """What to open in a browser on this machine."""
    name = _ANYWHERE.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{name}:{listening[0].getsockname()[1]}/graphql"


def serve(parts: Gatehouse, listening: list[socket.socket], started: Callable[[], None]) -> None:
    """Serves until SIGINT or SIGTERM, then finishes what is being answered; calls `started` once it serves."""
    config = uvicorn.Config(
        app(parts),
        lifespan="on",
        ws="none",
        proxy_headers=False,
        server_header=False,
        # URLs may hold a query's values; who calls what is for the proxy in front to write down.
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    _Server(config, started).run(listening)


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._tell = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._tell()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # uvicorn would end with the signal's exit code, and at a second signal drop what is open: some send it twice.
        self.should_exit = True
