"""The life of a connection: its deadlines and refusals, and how the connection is closed without losing a response."""

from __future__ import annotations

import asyncio
import select
from asyncio import TimerHandle
from enum import Enum
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from api.connections.connection_limits import ConnectionTable
from api.connections.connection_refusals import Refused, answer
from api.connections.send_watch import SendWatch


class RequestPart(Enum):
    """The part of a request that the server is reading: the head, the body, or none."""

    NOTHING = 0
    HEAD = 1
    BODY = 2


NOTHING, HEAD, BODY = RequestPart  # faster to look up than attributes of the enum


class _AnswerTransport:
    """The transport that uvicorn writes a response to. Its `close` is `ConnectionLifetime.end`."""

    __slots__ = ("close", "is_closing", "write")

    def __init__(self, connection: ConnectionLifetime) -> None:
        self.write = connection.transport.write
        self.is_closing = connection.transport.is_closing
        self.close = connection.end


class ConnectionLifetime(HttpToolsProtocol):
    """uvicorn's protocol of a connection, extended with deadlines and refusals.

    While a connection is open, `table` contains it. The subclass HttpProtocol parses requests and sets `_request_part`.
    """

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        table: ConnectionTable,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.timeout_keep_alive = table.limits.idle_seconds  # type: ignore[assignment]  # a float works too: asyncio takes it as a delay
        self._table = table
        self._limits = table.limits
        self._request_part: RequestPart = NOTHING
        self._deadline: TimerHandle | None = None
        self._ignores_input = False
        self._is_ended = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # the same signature as uvicorn's
        super().connection_made(transport)
        self._answers: Any = _AnswerTransport(self)
        self._sending = SendWatch(self.loop, transport, self._limits.send_seconds, self._send_late)
        self._deadline = self.loop.call_later(self._limits.head_seconds, self._late)
        self._table.admit(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._table.remove(self)
        self._cancel_deadline()
        self._sending.stop()
        self._unset_keepalive_if_required()
        self._ignores_input = True
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._sending.start()
        self._table.wait(self)  # the client has to read its response

    def resume_writing(self) -> None:
        super().resume_writing()
        self._sending.stop()
        if self._request_part is NOTHING and not self.cycle.response_complete:
            self._table.waiting.pop(self, None)

    # ── the end of a response and of the connection ──────────────────────────────────────────────────────────────────

    def on_response_complete(self) -> None:
        if self._is_ended:
            self.server_state.total_requests += 1
            return
        has_next = bool(self.pipeline)
        super().on_response_complete()
        if self._ignores_input and not has_next:
            self.end()  # the input after this request was refused
            return
        if not has_next or self._request_part is not NOTHING:
            self._table.wait(self)
        if self._table.is_draining:
            self.shutdown()

    def end(self) -> None:
        """Close the connection after all output is sent.

        If the client is still sending a request, the rest is read and dropped, for at most `linger_seconds`.
        """
        if self._is_ended:
            return
        self._is_ended = self._ignores_input = True
        self._unset_keepalive_if_required()
        self._cancel_deadline()
        self._table.wait(self)
        if self._request_part is NOTHING or not self.transport.can_write_eof():
            self._close()
            return
        # Closing a socket with unread input resets the connection, and the client may lose the response.
        self.flow.resume_reading()
        self.transport.write_eof()
        self._deadline = self.loop.call_later(self._limits.linger_seconds, self._close)

    def break_off(self, cycle: RequestResponseCycle) -> None:
        """Close the connection after all output is sent, even if the response is not complete.

        `cycle` is uvicorn's object for the request and its response.
        """
        cycle.disconnected = True
        cycle.message_event.set()
        self.end()

    def abort(self) -> None:
        self._table.remove(self)
        self._abandon()
        self.transport.abort()

    def refuse(self, kind: Refused) -> None:
        """Answer with the status of `kind` and close the connection.

        Close the connection without an answer in these cases:

        - The response to an earlier request is pending. The client would mistake the answer for that response.
        - The response to the refused request has begun.
        """
        self._table.record(kind)
        self._ignores_input = True
        self._unset_keepalive_if_required()
        self._cancel_deadline()
        if self._request_part is BODY and self.pipeline:
            self.pipeline.popleft()[0].disconnected = True  # its application has not started
            return
        is_being_read = self._request_part is BODY
        if not is_being_read and self.cycle is not None and not self.cycle.response_complete:
            return  # on_response_complete ends the connection after the earlier response
        if not (is_being_read and self.cycle.response_started):
            self.transport.write(answer(kind, self.server_state.default_headers))
        self._abandon()
        self._request_part = HEAD  # the client may still be sending
        self.end()

    def _abandon(self) -> None:
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.disconnected = True
            self.cycle.message_event.set()

    def _close(self) -> None:
        self._ignores_input = self._is_ended = True
        self._sending.start()
        self.transport.close()

    # ── timeouts and shutdown ────────────────────────────────────────────────────────────────────────────────────────

    def _set_deadline(self) -> None:
        reads_body = self._request_part is BODY
        seconds = self._limits.body_seconds if reads_body else self._limits.head_seconds
        self._deadline = self.loop.call_later(seconds, self._late)

    def _cancel_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _late(self) -> None:
        self._deadline = None
        if self.flow.read_paused:
            self._set_deadline()  # the server has paused reading, the client is not late
        elif self._request_part is NOTHING:
            self._close()  # no request has begun, so that no answer is due
        else:
            self.refuse(Refused.BODY_TIMEOUT if self._request_part is BODY else Refused.HEAD_TIMEOUT)

    def _send_late(self) -> None:
        self._table.record(Refused.SEND_TIMEOUT)
        self.abort()

    def timeout_keep_alive_handler(self) -> None:
        self.timeout_keep_alive_task = None
        if self._is_ended:
            return
        if self._has_unread_input():
            self._close_when_idle(0)  # a request arrived before the timeout: read it first
        else:
            self._close()

    def _has_unread_input(self) -> bool:
        poll = select.poll()
        poll.register(self.transport.get_extra_info("socket").fileno(), select.POLLIN)
        return bool(poll.poll(0))

    def _close_when_idle(self, seconds: float) -> None:
        self._unset_keepalive_if_required()
        self.timeout_keep_alive_task = self.loop.call_later(seconds, self.timeout_keep_alive_handler)

    def shutdown(self) -> None:
        """Send `Connection: close` with the current response. Close an idle connection after `drain_seconds`.

        A request that arrives within `drain_seconds` is still answered. Requires that `table.is_draining` is True.
        """
        if self.cycle is not None and not self.cycle.response_complete:
            # A response that has begun has announced keep-alive, so that the connection takes one more request.
            self.cycle.keep_alive = self.cycle.keep_alive and self.cycle.response_started
        elif self._request_part is NOTHING and not self._is_ended:
            self._cancel_deadline()
            self._close_when_idle(self._limits.drain_seconds)
