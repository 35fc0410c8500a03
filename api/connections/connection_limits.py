"""The limits of a connection, and the table of open connections, which closes the longest idle one when it is full."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import structlog

from api.connections.connection_refusals import Refused
from api.core.limits import MOST_CONNECTIONS

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """The limits of connections. Times are in seconds."""

    connections: int = MOST_CONNECTIONS
    """Open connections of the process, idle ones included. Beyond it the one that has waited longest is closed."""
    head_bytes: int = 32 * 1024
    """Bytes of a request line with its headers; more is answered with 431. Also the limit of chunk extensions or
    trailers between two parts of a body."""
    header_fields: int = 100
    """Headers of a request; more is answered with 431."""
    pipelined: int = 16
    """Requests of one connection that wait while an earlier one is answered; more closes the connection."""
    head_seconds: float = 10
    """From the start of the connection, or the first byte of a request, to its complete head. Then the answer is 408."""
    body_seconds: float = 30
    """From the complete head to the complete body. Then the answer is 408."""
    send_seconds: float = 30
    """While an answer is sent, without any progress. Then the connection is dropped."""
    idle_seconds: float = 75
    """Between two requests. More than the 60 of nginx, so that the proxy closes first and no request is lost."""
    drain_seconds: float = 1
    """How long an idle connection may still send a request after the shutdown of the server begins."""
    linger_seconds: float = 2
    """How long input is read and dropped after a refusal, so that the client reads the answer before the end."""


class Connection(Protocol):
    """The interface of a connection in the table."""

    def give_way(self) -> None:
        """Close at once, without an answer, to make room for a newer connection."""

    def refuse(self, kind: Refused) -> None:
        """Answer with the refusal's status and close."""


class ConnectionTable:
    """All open connections of a process.

    `waiting` holds the connections that wait for their client to send a request or the rest of one, the longest waiting
    first. A connection whose request is being answered is not in it. `count` is called for every refusal. `clock`
    returns seconds. Each kind of refusal is logged at most once in LOG_SECONDS.
    """

    LOG_SECONDS = 60

    def __init__(
        self, limits: ConnectionLimits, *, clock: Callable[[], float], count: Callable[[str], None] = lambda kind: None
    ) -> None:
        self.limits = limits
        self.is_draining = False
        self.open: set[Connection] = set()
        self.waiting: dict[Connection, None] = {}
        self._clock = clock
        self._count = count
        self._unlogged: dict[Refused, int] = {}
        self._logged_at: dict[Refused, float] = {}

    def admit(self, newcomer: Connection) -> None:
        """Add a connection. If the table is full, close the one that waits longest, or refuse this one if none waits."""
        self.open.add(newcomer)
        if len(self.open) > self.limits.connections:
            longest = next(iter(self.waiting), None)
            if longest is None:
                newcomer.refuse(Refused.FULL)
            else:
                self.record(Refused.DISPLACED)
                longest.give_way()
        self.waiting[newcomer] = None

    def wait(self, connection: Connection) -> None:
        """Add a connection to the end of `waiting`."""
        self.waiting.pop(connection, None)
        if connection in self.open:
            self.waiting[connection] = None

    def remove(self, connection: Connection) -> None:
        """Remove a closed connection."""
        self.open.discard(connection)
        self.waiting.pop(connection, None)

    def record(self, kind: Refused) -> None:
        """Count a refusal, and log it unless one of its kind was logged in the last LOG_SECONDS."""
        self._count(kind)
        self._unlogged[kind] = self._unlogged.get(kind, 0) + 1
        now = self._clock()
        if now - self._logged_at.get(kind, -self.LOG_SECONDS) >= self.LOG_SECONDS:
            self._logged_at[kind] = now
            log.warning(
                "connection.refused", kind=kind.value, connections=self._unlogged.pop(kind), open=len(self.open)
            )
