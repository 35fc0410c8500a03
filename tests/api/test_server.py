"""`gatehouse serve` in its own process: start, shutdown, and output."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import asyncpg  # type: ignore[import-untyped]  # ships no types
import httpx
import pytest

from api.server import CannotListen, listen
from services.admin.demo import PASSWORD
from tests.support.databases import Database, on_sqlite
from tests.support.processes.commands import MIGRATIONS, PATIENCE, Served, Shell, until
from tests.support.processes.sockets import has_ipv6

GREETING = """\
Gatehouse serves {address}
Open it in a browser: that is GraphiQL, with examples to play.

Demo accounts; every password is gatehouse-demo-password

  login                      portalSlug  who
  admin@northwind.test       -           MSSP admin: acme, globex, initech
  technician@northwind.test  -           technician of acme and globex
  admin@acme.test            acme        portal admin
  user@acme.test             acme        portal user
  admin@contoso.test         -           admin of another MSSP: umbra

The portals globex, initech and umbra have an admin and a user like acme's.

Stop with Ctrl-C.
"""
LOOPBACK = ("127.0.0.1", *(["[::1]"] if has_ipv6() else []))
CANARY = "canary-in-a-password"
DEACTIVATE = (
    "mutation ($ids: [ID!]!) { deactivateUsers(input: {users: {ids: $ids}}) { summary { requested succeeded } } }"
)


def test_from_an_empty_folder_to_a_demo_that_serves(tmp_path: Path) -> None:
    shell = Shell({"data_dir": tmp_path / "data"})
    assert [shell(command).exit_code for command in ("migrate", "demo")] == [0, 0]
    token = shell("token", "technician@northwind.test").stdout.strip()

    with shell.serving(tmp_path) as served:
        signed_in = served.sign_in("admin@globex.test", PASSWORD, "globex")
        seen = served.ask("{ viewer { name } }", token)
        page = httpx.get(served.address, headers={"accept": "text/html"}, timeout=PATIENCE)
        idle = socket.create_connection(("127.0.0.1", served.port))
        everywhere = [httpx.get(f"http://{host}:{served.port}/livez", timeout=PATIENCE) for host in LOOPBACK]
        exit_code = served.stop(signal.SIGINT)

    idle.close()
    assert signed_in["session"]["viewer"] == {"name": "Alex Admin"}
    assert seen == {"viewer": {"name": "Tim Technician"}}
    assert "GraphiQL" in page.text
    assert served.address == f"http://localhost:{served.port}/graphql"
    assert [answer.status_code for answer in everywhere] == [200] * len(LOOPBACK)
    assert (exit_code, served.output) == (0, GREETING.format(address=served.address))
    assert max(map(len, served.output.splitlines())) <= 80
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "data").iterdir()}
    assert modes["secret_key"] == 0o600
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700


def test_without_a_demo_no_account_is_named(tmp_path: Path) -> None:
    shell = Shell({"data_dir": tmp_path / "data", "host": "127.0.0.1"})
    shell("migrate")

    with shell.serving(tmp_path) as served:
        exit_code = served.stop(signal.SIGTERM)

    assert exit_code == 0
    assert served.address.startswith("http://127.0.0.1:")
    assert served.output == (
        f"Gatehouse serves {served.address}\n"
        "Open it in a browser: that is GraphiQL, with examples to play.\n\nStop with Ctrl-C.\n"
    )


def test_a_server_that_cannot_begin_says_why_in_a_sentence(tmp_path: Path) -> None:
    shell = Shell({"data_dir": tmp_path / "data"})

    with shell.serving(tmp_path) as unmigrated:
        assert unmigrated.process.wait() == 1
    assert unmigrated.output == f"The database lacks {', '.join(MIGRATIONS)}. Run: gatehouse migrate\n"

    shell("migrate")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with shell.serving(tmp_path, "--port", port) as second:
            assert second.process.wait() == 1
    assert second.output == (
        f"Cannot listen on localhost, port {port}: the port is in use. Choose another one: gatehouse serve --port, or"
        " GATEHOUSE_PORT.\n"
    )


def test_localhost_is_every_loopback_address_on_one_port() -> None:
    listening = listen("localhost", 0)

    bound = [each.getsockname() for each in listening]
    for each in listening:
        each.close()
    assert [address[0] for address in bound] == [host.strip("[]") for host in LOOPBACK]
    assert len({address[1] for address in bound}) == 1


@pytest.mark.parametrize(
    ("host", "why"),
    [
        ("192.0.2.1", "Cannot listen on 192.0.2.1, port 8000: this machine has no such address."),
        ("no..host", "Cannot listen on no..host: there is no such host."),
    ],
)
def test_an_address_that_cannot_be_listened_on_is_reported(host: str, why: str) -> None:
    with pytest.raises(CannotListen) as told:
        listen(host, 8000)

    assert str(told.value) == why


def test_a_bulk_that_runs_when_the_server_is_stopped_is_finished(closed_db: Database, tmp_path: Path) -> None:
    shell = Shell({"database_url": closed_db.url, "data_dir": tmp_path / "data"})
    shell("demo")

    with shell.serving(tmp_path) as served:
        token = served.token("admin@acme.test", PASSWORD, "acme")
        found = served.ask(
            "{ users(first: 100, filter: {kindIn: [EXTERNAL], statusIn: [ACTIVE]}) { nodes { id } } }", token
        )
        ids = [user["id"] for user in found["users"]["nodes"]]
        with all_writes_held_up(closed_db):
            bulk = begun(served, token, {"query": DEACTIVATE, "variables": {"ids": ids}})
            for _ in range(2):  # as some supervisors do
                served.process.send_signal(signal.SIGTERM)
            until(lambda: refuses_connections(served.port))
        answer = bulk()
        exit_code = served.process.wait(PATIENCE)

    assert answer["data"]["deactivateUsers"]["summary"] == {"requested": 100, "succeeded": 100}
    assert exit_code == 0
    assert shell("doctor").exit_code == 0


@on_sqlite
def test_production_logs_lines_of_json_that_quote_no_user(closed_db: Database, tmp_path: Path) -> None:
    shell = Shell(
        {
            "database_url": closed_db.url,
            "data_dir": tmp_path,
            "env": "production",
            "allow_sqlite": True,
            "trusted_proxies": "none",
            "secret_key": "a-secret-for-tests-of-32-bytes-or-more",
            "allowed_hosts": "localhost",
        }
    )

    with shell.serving(tmp_path) as served:
        served.sign_in("ada@example.com", CANARY)
        httpx.get(served.address, params={"query": "{ viewer { name } }", "variables": json.dumps({"p": CANARY})})
        with closing(sqlite3.connect(closed_db.url.removeprefix("sqlite://"))) as other:
            other.execute("ALTER TABLE staff_member RENAME TO lost")
        broken = httpx.post(
            served.address,
            json={
                "query": f'mutation {{ signIn(input: {{login: "ada@example.com", password: "{CANARY}"}}) {{ blockers {{ code }} }} }}'
            },
            timeout=PATIENCE,
        )
        served.stop(signal.SIGTERM)

    logged = [json.loads(line) for line in served.output.splitlines() if line.startswith("{")]
    failed = [line for line in logged if line["event"] == "request.failed"]
    assert broken.json()["errors"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert [line["request_id"] for line in failed] == [broken.headers["x-request-id"]]
    assert not any(word in served.output for word in (CANARY, "ada@example.com", "Traceback"))


@contextmanager
def all_writes_held_up(db: Database) -> Iterator[None]:
    """While the body of the `with` statement runs, hold the lock that a bulk action takes first."""
    if db.kind == "sqlite":
        with closing(sqlite3.connect(db.url.removeprefix("sqlite://"), isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")
        return
    with asyncio.Runner() as runner:
        other = runner.run(connected(db))
        runner.run(other.execute("BEGIN; SELECT id FROM portal FOR UPDATE"))
        yield
        runner.run(other.execute("ROLLBACK"))
        runner.run(other.close())


async def connected(db: Database) -> asyncpg.Connection:
    return await asyncpg.connect(db.url)


def begun(served: Served, token: str, request: object) -> Callable[[], dict[str, Any]]:
    """Send a request, wait until the server has begun to read the body, and return a function.

    The function waits for the server's answer and returns it.
    """
    body = json.dumps(request).encode()
    head = (
        f"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n"
    )
    connection = socket.create_connection(("127.0.0.1", served.port), timeout=PATIENCE)
    connection.sendall(head.encode())
    assert b"100 Continue" in connection.recv(1000)  # sent when the body is first asked for
    connection.sendall(body)

    def answer() -> dict[str, Any]:
        with connection, connection.makefile("rb") as stream:
            _, _, content = stream.read().partition(b"\r\n\r\n")
        return dict(json.loads(content))

    return answer


def refuses_connections(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE).close()
    except ConnectionRefusedError:
        return True
    return False
