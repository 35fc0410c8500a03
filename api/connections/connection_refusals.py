"""The reasons for refusing or dropping a connection, and the response for each."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from uvicorn.protocols.http.httptools_impl import STATUS_LINE


class Refused(StrEnum):
    """Why the server refused or cut a connection. The value is the `kind` in the log and in the metric of refusals."""

    MALFORMED = "malformed"
    HEAD_TOO_LARGE = "head-too-large"
    HEAD_TIMEOUT = "head-timeout"
    BODY_TIMEOUT = "body-timeout"
    SEND_TIMEOUT = "send-timeout"
    """The client did not read its response."""
    DISPLACED = "displaced"
    """The process had its maximum number of connections, and a new connection took the place of this one.

    Of all open connections, this one had waited longest for its client.
    """
    FULL = "full"
    """The table was full, and the new connection was refused because no open connection was waiting for its client."""


_ANSWERS = {
    Refused.MALFORMED: (400, "This is not an HTTP/1.1 request that the server understands."),
    Refused.HEAD_TOO_LARGE: (431, "The request's headers are too long or too many."),
    Refused.HEAD_TIMEOUT: (408, "The request's headers took too long."),
    Refused.BODY_TIMEOUT: (408, "The request's body took too long."),
    Refused.FULL: (503, "The server has no free connection. Try again in a moment."),
}


def answer(kind: Refused, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Return the bytes of the response for a refusal, with `headers` and `Connection: close`.

    Raise KeyError for SEND_TIMEOUT and DISPLACED. Such connections are dropped without a response.
    """
    status, text = _ANSWERS[kind]
    fields = [
        *headers,
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(text)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"connection", b"close"),
    ]
    return STATUS_LINE[status] + b"".join(b"%s: %s\r\n" % field for field in fields) + b"\r\n" + text.encode()
