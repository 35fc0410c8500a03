"""Parsing of HTTP/1.1 requests, with limits on their size. Offers to upgrade to another protocol are declined.

Decision 0022 says why HttpProtocol is a subclass of uvicorn's protocol and not another parser.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import httptools
from uvicorn.config import Config
from uvicorn.server import ServerState

from api.connections.connection_lifetime import BODY, HEAD, NOTHING, ConnectionLifetime
from api.connections.connection_limits import ConnectionTable
from api.connections.connection_refusals import Refused
from api.connections.upgrades import is_websocket_handshake, without_upgrade
from api.core.breaking_off import EXTENSION

VERSIONS = ("1.1", "1.0")


class HttpProtocol(ConnectionLifetime):
    """Reads the requests of an HTTP/1.1 connection.

    The head of a request is the request line with the headers. If the head is malformed or too large, the request is
    refused before the application is called.
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
        super().__init__(config, server_state, app_state, _loop, table=table)
        self._fed = 0  # bytes received since the parser's last progress
        self._chunk = 0  # bytes of the piece that is being parsed
        self._hosts = 0
        self._most_fields = table.limits.header_fields
        self._fault = Refused.MALFORMED

    def data_received(self, data: bytes) -> None:
        if self._ignores_input:
            return
        self._chunk = len(data)
        self._fed += self._chunk
        try:
            while data:
                data = self._feed(data)
        except httptools.HttpParserError:
            self.refuse(self._fault)
            return
        if self._fed > self._limits.head_bytes:
            self.refuse(Refused.HEAD_TOO_LARGE if self._request_part is not BODY else Refused.MALFORMED)
        elif self._request_part is not NOTHING and self._deadline is None:
            self._set_deadline()

    def _feed(self, data: bytes) -> bytes:
        """Parse `data`. Return the bytes that remain to be parsed. Raise HttpParserError if `data` is not HTTP/1.1."""
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as stop:
            if self._should_upgrade():
                self.handle_websocket_upgrade()
                return b""
            # The parser has stopped at the offer to upgrade. A new parser reads the head again without the offer, then
            # the body and the next request.
            head = without_upgrade(self.parser.get_method(), self.url, self.parser.get_http_version(), self.headers)
            self.parser = httptools.HttpRequestParser(self)
            self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
            return head + data[stop.args[0] :]
        return b""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._unset_keepalive_if_required()
        self._request_part = HEAD
        self._hosts = 0

    def on_header(self, name: bytes, value: bytes) -> None:
        headers = self.headers
        if self._request_part is not HEAD:
            return  # a trailer, which RFC 9110, 6.5.1 forbids to treat as a header
        if len(headers) >= self._most_fields:
            self._reject(Refused.HEAD_TOO_LARGE)
        name = name.lower()
        if name == b"host":
            self._hosts += 1
        elif name == b"expect" and value.lower() == b"100-continue":
            self.expect_100_continue = True
        headers.append((name, value))

    def on_headers_complete(self) -> None:
        parser = self.parser
        version = parser.get_http_version()
        if version not in VERSIONS or self._hosts > 1 or (self._hosts == 0 and version == "1.1"):
            self._reject(Refused.MALFORMED)
        # Most heads arrive with their body in one short piece, and need no measuring.
        most = self._limits.head_bytes
        if (self._fed > most or self._chunk > most) and self._head_bytes() > most:
            self._reject(Refused.HEAD_TOO_LARGE)
        if parser.should_upgrade():
            if parser.get_method() == b"CONNECT":
                self._reject(Refused.MALFORMED)
            return  # _feed handles a WebSocket handshake or declines the offer
        if len(self.pipeline) >= self._limits.pipelined:
            self._reject(Refused.MALFORMED)
        super().on_headers_complete()
        self.cycle.transport = self._answers
        close: Any = partial(self.break_off, self.cycle)  # uvicorn's annotation of extensions allows only dictionaries
        self.scope["extensions"] = {EXTENSION: close}
        self._request_part = BODY
        self._fed = 0
        if self._deadline is not None:
            self._cancel_deadline()
        if self._table.is_draining:
            self.cycle.keep_alive = False

    def _head_bytes(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)

    def on_body(self, body: bytes) -> None:
        self._fed = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        if self.parser.should_upgrade():
            return
        self._request_part = NOTHING
        self._fed = 0
        if self._deadline is not None:
            self._cancel_deadline()
        if not self.cycle.response_complete:
            self._table.waiting.pop(self, None)
        elif self._table.is_draining:
            self.shutdown()  # the response was complete before the request
        super().on_message_complete()

    def _should_upgrade(self) -> bool:
        return super()._should_upgrade() and is_websocket_handshake(self.parser.get_method(), self.headers)

    def handle_websocket_upgrade(self) -> None:
        self._table.remove(self)
        self._cancel_deadline()
        super().handle_websocket_upgrade()

    def _reject(self, fault: Refused) -> None:
        """Refuse the request for `fault`, and make the parser stop."""
        self._fault = fault
        raise ValueError(fault)  # the parser converts it to the HttpParserError that `data_received` expects
