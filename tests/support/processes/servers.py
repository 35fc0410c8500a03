"""Run the real server in its own process. A test can kill the server and start it again on the same port.

The test keeps the listening socket open, so connections wait while no server runs.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from api.parts import make_parts
from api.server import serve
from api.settings.settings import load
from tests.support.processes.forking import ForkedProcess

SECRET = "a-secret-for-tests-of-32-bytes-or-more"


class Server:
    """A server over a database. `data` is the data folder of this server only."""

    def __init__(self, listening: socket.socket, database_url: str, data: Path) -> None:
        self._listening = listening
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("GATEHOUSE_")},
            "GATEHOUSE_DATABASE_URL": database_url,
            "GATEHOUSE_DATA_DIR": str(data),
            "GATEHOUSE_SECRET_KEY": SECRET,
        }
        self._process: ForkedProcess | None = None
        self.address = f"http://127.0.0.1:{listening.getsockname()[1]}"

    def start(self) -> None:
        self._process = ForkedProcess(_serve, self._listening, env=self._environment)

    def kill(self) -> None:
        """Kill the process as `kill -9` does. Running requests are not finished."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


@contextmanager
def running(database_url: str, data: Path) -> Iterator[Server]:
    """Start a server process and yield it. After the body of the `with` statement, kill the server."""
    with socket.create_server(("127.0.0.1", 0), backlog=2048) as listening:
        server = Server(listening, database_url, data)
        server.start()
        try:
            yield server
        finally:
            server.kill()


def _serve(listening: socket.socket) -> None:
    serve(make_parts(load()), [listening], lambda: None)
