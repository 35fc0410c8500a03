"""When the server stops, clients with open connections lose no call."""

from __future__ import annotations

import itertools
import json
import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

from tests.support.processes.commands import PATIENCE, Shell

BODY = json.dumps({"query": "{ __typename }"}).encode()
REQUEST = (
    b"POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    % len(BODY)
) + BODY
CLIENTS = 8


def test_no_call_on_a_kept_connection_is_lost_while_the_server_stops(tmp_path: Path) -> None:
    shell = Shell({"data_dir": tmp_path / "data"})
    shell("migrate")
    begun = [Event() for _ in range(CLIENTS)]

    with shell.serving(tmp_path) as served, ThreadPoolExecutor(CLIENTS) as pool:
        ends = [pool.submit(call_until_told_to_close, served.port, event) for event in begun]
        for event in begun:
            assert event.wait(PATIENCE)
        exit_code = served.stop(signal.SIGTERM)
        answers = [end.result(PATIENCE) for end in ends]

    assert all(answers)
    assert exit_code == 0


def call_until_told_to_close(port: int, begun: Event) -> int:
    """Call repeatedly on one connection, until an answer announces that the connection closes. Return the number of
    calls.
    """
    address = ("127.0.0.1", port)
    with socket.create_connection(address, timeout=PATIENCE) as connection, connection.makefile("rb") as stream:
        for calls in itertools.count(1):
            connection.sendall(REQUEST)
            status, closes, length = stream.readline(), False, 0
            assert status.startswith(b"HTTP/1.1 200"), f"Call {calls} was answered {status!r}"
            while (line := stream.readline()) != b"\r\n":
                name, _, value = line.strip().lower().partition(b": ")
                closes |= (name, value) == (b"connection", b"close")
                length = int(value) if name == b"content-length" else length
            assert b"Query" in stream.read(length)
            begun.set()
            if closes:
                return calls
    raise AssertionError("The clients never stop by themselves")
