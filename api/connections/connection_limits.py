"""The limits of one connection, and the table of open connections, which limits the number of connections."""

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
    """The maximum number of open connections of the process, including idle ones.

    If a client opens one more, the server closes the connection that has waited longest for its client.
    """
    head_bytes: int = 32 * 1024
    """The maximum number of bytes of a request line with its headers. A longer head is answered with 431.

    The limit also applies to the trailers of a body, and to the chunk extensions between two pieces of a body. Longer
    trailers or chunk extensions are answered with 400.
    """
    header_fields: int = 100
    """The maximum number of headers of a request. A request with more headers is answered with 431."""
    pipelined: int = 16
    """The maximum number of requests in the queue of one connection, which wait for the answer to an earlier request.

    A further request is refused, and the connection is closed.
    """
    head_seconds: float = 10
    """The maximum number of seconds from a connection's start, or from a request's first byte, to the end of the head.

    After that time, the server sends 408 if a request has begun, and closes the connection.
    """
    body_seconds: float = 30
    """The maximum time from the end of the head to the end of the body. After that time, 408 is sent."""
    send_seconds: float = 30
    """The maximum number of seconds in which the client reads nothing of a response. Then the connection is dropped."""
    idle_seconds: float = 75
    """The maximum number of seconds between two requests of a connection.

    The number is greater than the 60 seconds of nginx, so nginx closes first and sends no request to a closed
    connection.
    """
    drain_seconds: float = 1
    """How long an idle connection stays open after a shutdown begins, in seconds. Requests are still answered."""
    linger_seconds: float = 2
    """How long the server reads and drops the rest of a request after the last answer, in seconds.

    If the connection were closed with unread input, it would be reset, and the client could lose the answer.
    """


class OpenConnection(Protocol):
    """The methods of a connection that ConnectionTable calls."""

    def abort(self) -> None:
        """Close the connection at once, without an answer."""

    def refuse(self, kind: Refused) -> None:
        """Answer with the status of `kind` and close the connection."""


class ConnectionTable:
    """All open connections of a process.

    `waiting` holds the connections that wait for their client, which has to send a request or read a response. The
    connection that has waited longest is first. `count` is called with the kind of each refusal. `clock` returns
    seconds.
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
        """Add `newcomer` to the table.

        If the table is full, close the connection that has waited longest for its client. If no connection is waiting,
        refuse `newcomer`.
        """
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
        """Record that the connection begins to wait for its client. If the connection is not open, do nothing."""
        self.waiting.pop(connection, None)
        if connection in self.open:
            self.waiting[connection] = None

    def remove(self, connection: OpenConnection) -> None:
        """Remove a closed connection from the table."""
        self.open.discard(connection)
        self.waiting.pop(connection, None)

    def record(self, kind: Refused) -> None:
        """Count a refusal of `kind`. Write a log line with the number of refusals, at most once in LOG_SECONDS."""
        self._count(kind)
        self._unlogged[kind] = self._unlogged.get(kind, 0) + 1
        now = self._clock()
        if now - self._logged_at.get(kind, -self.LOG_SECONDS) >= self.LOG_SECONDS:
            self._logged_at[kind] = now
            log.warning(
                "connection.refused", kind=kind.value, connections=self._unlogged.pop(kind), open=len(self.open)
            )
