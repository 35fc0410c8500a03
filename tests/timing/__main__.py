"""Tries to sign in over HTTP in every way that must not be told apart, in turn, and compares the medians."""

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
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Annotated

import typer
from pydantic import SecretStr
from rich.console import Console

from api.app import gatehouse
from api.settings import Settings
from models.database import database
from models.migrate import migrate
from rules.lifecycle import Status
from tests.servers import ROOT, SECRET
from tests.world import PASSWORD, TestClock, World

TOLERANCE, TOLERATED_SECONDS = 0.05, 0.0003
"""How far a median may be off: a share of all, or so much time, which a network hides and a busy machine makes up."""
SIGN_IN = """
mutation ($input: SignInInput!) {
  signIn(input: $input) { session { expiresIn } blockers errors { code message path retryAt } }
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
"""The portal, the login and the password of each way. In the portal "strict" one wrong password locks, as the tenth does
elsewhere; a failure of such an account is its first."""

out = Console(highlight=False, markup=False, soft_wrap=True)


def main(
    rounds: Annotated[int, typer.Option(min=10, help="How often each way is tried.")] = 1_000,
    seconds: Annotated[float, typer.Option(min=1, help="After so long no further round begins.")] = 240.0,
) -> None:
    """Exit 1 when a median is further than 5 %, and 0.3 ms, from that of all tries together."""
    with tempfile.TemporaryDirectory() as folder, _serving(Path(folder), rounds) as port:
        found = _tried(port, rounds, seconds)
        after = _after_resets(port, min(rounds, RESET_USERS))
    far = _told("tries of each sign-in", found)
    far |= _told("requests after a reset was asked for", after)
    raise typer.Exit(1 if far else 0)


def _told(what: str, found: dict[str, list[float]]) -> bool:
    """Print the medians; return whether one is too far from that of all."""
    overall = statistics.median(each for times in found.values() for each in times)
    out.print(f"{min(map(len, found.values())):,} {what}, in turn; median of all: {overall * 1000:.2f} ms")
    far = False
    for name, times in found.items():
        median = statistics.median(times)
        off = median / overall - 1
        is_far = abs(off) > max(TOLERANCE, TOLERATED_SECONDS / overall)
        far |= is_far
        out.print(f"  {name:<15} {median * 1000:7.2f} ms  {off:+.1%}{'  TOO FAR' if is_far else ''}")
    return far


def _after_resets(port: int, rounds: int) -> dict[str, list[float]]:
    """Seconds that the next request takes after a reset was asked for, for an address that exists and one that does not.

    Each address is asked for once: within a minute a second request would write nothing.
    """
    connection, order = HTTPConnection("127.0.0.1", port), random.Random(2)  # noqa: S311  # only the order
    found: dict[str, list[float]] = {"known address": [], "unknown address": []}
    for n in range(rounds):
        addresses = {"known address": f"reset.{n}@acme.test", "unknown address": f"none.{n}@acme.test"}
        for name in order.sample(list(addresses), 2):
            _post(connection, RESET, {"input": {"portalSlug": "acme", "email": addresses[name]}})
            found[name].append(_post(connection, '{ portal(slug: "acme") { id } }', {})[0])
    return found


def _tried(port: int, rounds: int, seconds: float) -> dict[str, list[float]]:
    """Seconds from request to answer, by kind; every answer must be the same bytes."""
    connection = HTTPConnection("127.0.0.1", port)
    order, answers = random.Random(1), set[bytes]()  # noqa: S311  # only the order of the tries
    found: dict[str, list[float]] = {name: [] for name in KINDS}
    for name in KINDS:
        answers.add(_try(connection, name, rounds)[1])  # the first of each meets cold caches
    begun = time.monotonic()
    for number in range(rounds):
        if time.monotonic() - begun > seconds:
            break
        for name in order.sample(list(KINDS), len(KINDS)):
            took, answer = _try(connection, name, number)
            found[name].append(took)
            answers.add(answer)
    if len(answers) != 1:
        raise SystemExit(f"The answers differ: {answers}")
    return found


def _try(connection: HTTPConnection, name: str, number: int) -> tuple[float, bytes]:
    slug, login, password = KINDS[name]
    login = login.format(round=number)
    return _post(connection, SIGN_IN, {"input": {"portalSlug": slug, "login": login, "password": password}})


def _post(connection: HTTPConnection, query: str, variables: dict[str, object]) -> tuple[float, bytes]:
    body = json.dumps({"query": query, "variables": variables})
    begun = time.perf_counter()
    connection.request("POST", "/graphql", body, {"Content-Type": "application/json"})
    answer = connection.getresponse().read()
    return time.perf_counter() - begun, answer


@contextmanager
def _serving(folder: Path, rounds: int) -> Iterator[int]:
    """The port of a server over a database of its own."""
    url = f"sqlite://{folder}/gatehouse.db"
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
            yield listening.getsockname()[1]
        finally:
            process.terminate()
            process.wait()


async def _people(url: str, rounds: int) -> None:
    """One user for each kind, and one for each round where an account fails for the first time."""
    clock = TestClock()
    async with database(url):
        await migrate()
        parts = gatehouse(Settings(secret_key=SecretStr(SECRET), database_url=url), clock)
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
