"""Requests with an Upgrade header: recognize WebSocket handshakes, and remove the header from other requests."""

from __future__ import annotations

from collections.abc import Sequence

Fields = Sequence[tuple[bytes, bytes]]


def is_websocket_handshake(method: bytes, headers: Fields) -> bool:
    """Return whether the request is a WebSocket handshake of RFC 6455, section 4.1.

    Requires header names in lower case. A request with a body is not a handshake, because its body would be read as
    WebSocket frames.
    """
    given = dict(headers)
    return (
        method == b"GET"
        and given.get(b"upgrade", b"").lower() == b"websocket"
        and given.get(b"sec-websocket-version") == b"13"
        and len(given.get(b"sec-websocket-key", b"")) == 24
        and b"transfer-encoding" not in given
        and given.get(b"content-length", b"0") == b"0"
    )


def without_upgrade(method: bytes, target: bytes, version: str, headers: Fields) -> bytes:
    """Return the bytes of the request line and the headers, without the Upgrade header.

    Requires values without CR, LF and NUL, as the parser returns them.
    """
    lines = [b"%s %s HTTP/%s" % (method, target, version.encode())]
    lines += [b"%s: %s" % field for field in headers if field[0] != b"upgrade"]
    return b"\r\n".join(lines) + b"\r\n\r\n"
