"""Send sign-ins of each kind in KINDS in turn over HTTP, and compare the median times of the kinds."""

from __future__ import annotations

import asyncio
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Annotated, NamedTuple

import typer
from pydantic import SecretStr
from rich.console import Console

from api.parts import make_parts
from api.settings.settings import Settings
from models.db.database import database
from rules.lifecycle.statuses import Status
from tests.bench.data import migrated
from tests.support.databases import KINDS as KINDS_OF_DATABASES
from tests.support.databases import DatabaseKind
from tests.support.processes.commands import ROOT
from tests.support.processes.servers import SECRET
from tests.support.world import PASSWORD, TestClock, World

TOLERANCE, TOLERATED_SECONDS = 0.05, 0.0003
"""The allowed difference of a median: a share of the median of all sign-ins, or a time in seconds. The greater one
counts.
"""
SIGN_IN = """
mutation ($input: SignInInput!) {
  signIn(input: $input) { session { expiresIn } blockers { code } errors { code message path retryAt } }
}
"""
RESET = "mutation ($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { errors { code } } }"
RESET_USERS = 300
KINDS = {
    "unknown login": ("acme", "unknown", PASSWORD),
    "wrong password": ("acme", "active.{round}", "not the password"),
    "one that locks": ("strict", "locks.{round}", "not the password"),
    "locked out": ("acme", "locked", PASSWORD),
    "disabled": ("acme", "disabled", "not the password"),
    "suspended": ("acme", "suspended", "not the password"),
    "unconfirmed": ("acme", "unconfirmed", PASSWORD),
}
"""The portal, the login and the password of each kind of sign-in that must look like the others.

In the portal "strict", the first wrong password locks the account. `{round}` gives each round another account.
"""


class Took(NamedTuple):
    """The duration of a request, and the CPU time of the server's process during the request, in seconds."""

    elapsed: float
    cpu: float


out = Console(highlight=False, markup=False, soft_wrap=True)


def main(
    rounds: Annotated[int, typer.Option(min=10, help="How often each way is tried.")] = 1_000,
    seconds: Annotated[float, typer.Option(min=1, help="After so long no further round begins.")] = 120.0,
) -> None:
    """Measure the durations of sign-ins that are refused for different reasons, such as an unknown login.

    Exit with code 1 if the median for one of the reasons differs by more than 5 % and 0.3 ms from the median of all.
    """
    far = [_is_far(kind, rounds, seconds) for kind in KINDS_OF_DATABASES]
    raise typer.Exit(1 if any(far) else 0)


def _is_far(kind: DatabaseKind, rounds: int, seconds: float) -> bool:
    with (
        migrated(kind) as db,
        tempfile.TemporaryDirectory() as folder,
        _serving(db.url, Path(folder), rounds) as server,
    ):
        found = _tried(server, rounds, seconds)
        after = _after_resets(server, min(rounds, RESET_USERS))
    far = _told(f"tries of each sign-in on {kind}", found)
    return _told(f"requests after a reset was asked for on {kind}", after) or far


def _told(what: str, found: dict[str, list[Took]]) -> bool:
    """Print the median duration of each kind of request in `found`.

    Return whether one of them differs too much from the median of all requests.
    """
    overall, computed = _medians([each for times in found.values() for each in times])
    out.print(f"{min(map(len, found.values())):,} {what}, in turn; median of all: {overall * 1000:.2f} ms,")
    out.print(f"{computed * 1000:.2f} ms of the server's CPU")
    far = False
    for name, times in found.items():
        median, cpu = _medians(times)
        off = median / overall - 1
        share = cpu / computed - 1 if computed else 0.0
        is_far = abs(off) > max(TOLERANCE, TOLERATED_SECONDS / overall)
        far |= is_far
        elapsed = f"{median * 1000:7.2f} ms  {off:+6.1%}"
        out.print(f"  {name:<15} {elapsed}  CPU {cpu * 1000:7.2f} ms  {share:+6.1%}{'  TOO FAR' if is_far else ''}")
    return far


def _medians(times: Sequence[Took]) -> Took:
    return Took(statistics.median(each.elapsed for each in times), statistics.median(each.cpu for each in times))


def _after_resets(server: Server, rounds: int) -> dict[str, list[Took]]:
    """Measure the request that follows a reset request, for known and for unknown addresses.

    Each address is used once, because a second request within a minute would write nothing.
    """
    order = random.Random(2)  # noqa: S311  # only the order
    found: dict[str, list[Took]] = {"known address": [], "unknown address": []}
    for n in range(rounds):
        addresses = {"known address": f"reset.{n}@acme.test", "unknown address": f"none.{n}@acme.test"}
        for name in order.sample(list(addresses), 2):
            server.post(RESET, {"input": {"portalSlug": "acme", "email": addresses[name]}})
            found[name].append(server.post('{ portal(slug: "acme") { id } }', {})[0])
    return found


def _tried(server: Server, rounds: int, seconds: float) -> dict[str, list[Took]]:
    """Return the measured sign-ins by kind. Exit if the answers are not identical in all bytes."""
    order, answers = random.Random(1), set[bytes]()  # noqa: S311  # only the order of the tries
    found: dict[str, list[Took]] = {name: [] for name in KINDS}
    for name in KINDS:
        answers.add(_try(server, name, rounds)[1])  # the first of each meets cold caches
    begun = time.monotonic()
    for number in range(rounds):
        if time.monotonic() - begun > seconds:
            break
        for name in order.sample(list(KINDS), len(KINDS)):
            took, answer = _try(server, name, number)
            found[name].append(took)
            answers.add(answer)
    if len(answers) != 1:
        raise SystemExit(f"The answers differ: {answers}")
    return found


def _try(server: Server, name: str, number: int) -> tuple[Took, bytes]:
    slug, login, password = KINDS[name]
    login = login.format(round=number)
    return server.post(SIGN_IN, {"input": {"portalSlug": slug, "login": login, "password": password}})


class Server:
    """An HTTP client with one connection to the Gatehouse server that is measured."""

    def __init__(self, port: int, pid: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port)
        self._threads = Path(f"/proc/{pid}/task")

    def post(self, query: str, variables: dict[str, object]) -> tuple[Took, bytes]:
        """Send a request. Return its times, and the body of the answer."""
        body = json.dumps({"query": query, "variables": variables})
        computed, begun = self._computed(), time.perf_counter()
        self._connection.request("POST", "/graphql", body, {"Content-Type": "application/json"})
        answer = self._connection.getresponse().read()
        elapsed = time.perf_counter() - begun
        return Took(elapsed, self._computed() - computed), answer

    def _computed(self) -> float:
        """Return the CPU time of all threads of the server so far, in seconds. Return 0 on systems other than Linux."""
        return sum(int(each.read_text().split()[0]) for each in self._threads.glob("*/schedstat")) / 1e9


@contextmanager
def _serving(url: str, folder: Path, rounds: int) -> Iterator[Server]:
    """Create the users, and run a server over the database `url`."""
    asyncio.run(_people(url, rounds))
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.timing.server", str(listening.fileno())],
            env={
                **{name: value for name, value in os.environ.items() if not name.startswith("GATEHOUSE_")},
                "GATEHOUSE_DATABASE_URL": url,
                "GATEHOUSE_DATA_DIR": str(folder),
                "GATEHOUSE_SECRET_KEY": SECRET,
                "GATEHOUSE_HOUSEKEEPING": "off",  # the people here are older than a portal lets them idle
            },
            cwd=ROOT,
            pass_fds=[listening.fileno()],
            stdout=subprocess.DEVNULL,
        )
        try:
            yield Server(listening.getsockname()[1], process.pid)
        finally:
            process.terminate()
            process.wait()


async def _people(url: str, rounds: int) -> None:
    """Create the users whose sign-ins are measured.

    A kind of sign-in that must be the user's first failed one gets a new user for each round.
    """
    clock = TestClock()
    async with database(url):
        parts = make_parts(Settings(secret_key=SecretStr(SECRET), database_url=url), clock)
        world = World(parts, clock)
        portal = await world.portal("acme", lockout_threshold=10**6, lockout_minutes=None)
        strict = await world.portal("strict", lockout_threshold=1)
        for number in range(rounds + 1):
            await world.user(portal, username=f"active.{number}", password=PASSWORD)
            await world.user(strict, username=f"locks.{number}", password=PASSWORD)
        for name, status in {
            "locked": Status.LOCKED_OUT,
            "disabled": Status.DEACTIVATED,
            "suspended": Status.SUSPENDED,
        }.items():
            await world.user(portal, username=name, status=status, password=PASSWORD)
        await world.user(portal, username="unconfirmed", status=Status.PROVISIONED)
        for n in range(RESET_USERS):
            await world.user(portal, username=f"reset.{n}", email=f"reset.{n}@acme.test")
        parts.close()


if __name__ == "__main__":
    typer.run(main)
