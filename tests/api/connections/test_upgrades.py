"""Behind an nginx that forwards the header Upgrade, a body that contains a request does not change another caller's
answer.
"""

from __future__ import annotations

import json
import socket
from pathlib import Path

import httpx

from tests.support.processes.commands import PATIENCE, Shell
from tests.support.processes.nginx import in_front_of

QUERY = {"query": "{ __typename }"}
ANSWER = {"data": {"__typename": "Query"}}
SMUGGLED = b"\r\n" * 300_000 + b"GET /livez HTTP/1.1\r\nHost: localhost\r\nX: "
"""A body that contains the beginning of a request, which the head of the next caller's request would complete.

The blank lines make the server read the body in several pieces.
"""


def test_no_caller_is_answered_what_the_body_of_another_asks(tmp_path: Path) -> None:
    shell = Shell({"data_dir": tmp_path / "data"})
    shell("migrate")

    with shell.serving(tmp_path) as served, in_front_of(served.port, tmp_path) as port:
        answers = []
        for protocol in ("h2c", "websocket", "anything"):
            offering(port, protocol, SMUGGLED)
            answers.append(httpx.post(f"http://localhost:{port}/graphql", json=QUERY, timeout=PATIENCE).json())
        head, _, body = offering(port, "h2c", json.dumps(QUERY).encode()).partition(b"\r\n\r\n")
        output = served.output

    assert answers == [ANSWER] * 3
    assert (head.split()[1], json.loads(body)) == (b"200", ANSWER)
    assert "pgrade" not in output


def offering(port: int, protocol: str, body: bytes) -> bytes:
    """Send a POST that offers to upgrade to `protocol`. Return all bytes of the answer."""
    head = (
        f"POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        f"Connection: Upgrade, close\r\nUpgrade: {protocol}\r\n\r\n"
    )
    address = ("127.0.0.1", port)
    with socket.create_connection(address, timeout=PATIENCE) as connection, connection.makefile("rb") as stream:
        connection.sendall(head.encode() + body)
        return stream.read()
