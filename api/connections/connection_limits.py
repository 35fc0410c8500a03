"""The limits of a connection, and the table of open connections, which enforces the limit on their number."""

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
    """The limits of connections. Times are seconds."""

    connections: int = MOST_CONNECTIONS
    """Open connections of the process, idle ones included. A further connection closes the one that waits longest."""
    head_bytes: int = 32 * 1024
    """Bytes of a request line and its headers; a longer head is answered with 431. Also the limit of chunk extensions and
    trailers between two pieces of a body."""
    header_fields: int = 100
    """Headers of a request; a request with more is answered with 431."""
    pipelined: int = 16
    """Requests of a connection that wait while an earlier one is answered; a further request closes the connection."""
    head_seconds: float = 10
    """The longest time from the connection's start or a request's first byte to the end of the head; then 408 is sent."""
    body_seconds: float = 30
    """The longest time from the end of the head to the end of the body; then 408 is sent."""
    send_seconds: float = 30
    """The longest time without progress in sending a response; then the connection is dropped."""
    idle_seconds: float = 75
    """The longest time between two requests. Longer than nginx's 60, so that nginx closes first and loses no request."""
    drain_seconds: float = 1
    """The time after the start of a shutdown in which an idle connection may still send a request."""
    linger_seconds: float = 2
    """The time after the last answer in which input is read and dropped, so that the client can read the answer."""


class OpenConnection(Protocol):
    """The methods of a connection that ConnectionTable calls."""

    def abort(self) -> None:
        """Close the connection at once, without an answer."""

    def refuse(self, kind: Refused) -> None:
        """Answer with the status of `kind` and close the connection."""


class ConnectionTable:
    """All open connections of a process.

    `waiting` holds the connections that wait for their client to send a request or read a response. The connection
    that has waited longest comes first. A connection is not in `waiting` while the application answers its request.

    `count` is called with the kind of every refusal. `clock` returns seconds. Each kind of refusal is logged at most
    once in LOG_SECONDS.
    """

    LOG_SECONDS = 60

    def __init__(
        self, limits: ConnectionLimits, *, clock: Callable[[], float], count: Callable[[str], None] = lambda kind: None
    ) -> None:
        self.limits = limits
        self.is_draining = False
        self.open: set[OpenConnection] = set()
        self.waiting: dict[OpenConnection, None] = {}
        self._clock = clock
        self._count = count
        self._unlogged: dict[Refused, int] = {}
        self._logged_at: dict[Refused, float] = {}

    def admit(self, newcomer: OpenConnection) -> None:
        """Add `newcomer`. If the table is full, close the connection that waits longest; if none waits, refuse `newcomer`."""
        self.open.add(newcomer)
        if len(self.open) > self.limits.connections:
            longest = next(iter(self.waiting), None)
            if longest is None:
                newcomer.refuse(Refused.FULL)
            else:
                self.record(Refused.DISPLACED)
                longest.abort()
        self.waiting[newcomer] = None

    def wait(self, connection: OpenConnection) -> None:
        """Move `connection` to the end of `waiting`. Ignore a connection that is not open."""
        self.waiting.pop(connection, None)
        if connection in self.open:
            self.waiting[connection] = None

    def remove(self, connection: OpenConnection) -> None:
        """Remove a closed connection from the table."""
        self.open.discard(connection)
        self.waiting.pop(connection, None)

    def record(self, kind: Refused) -> None:
        """Count a refusal. Log the number of unlogged refusals of its kind, at most once in LOG_SECONDS."""
        self._count(kind)
        self._unlogged[kind] = self._unlogged.get(kind, 0) + 1
        now = self._clock()
        if now - self._logged_at.get(kind, -self.LOG_SECONDS) >= self.LOG_SECONDS:
            self._logged_at[kind] = now
            log.warning(
                "connection.refused", kind=kind.value, connections=self._unlogged.pop(kind), open=len(self.open)
            )
