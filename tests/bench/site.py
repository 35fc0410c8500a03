"""A server over a copy of the benchmark's data, on a core of its own."""

from __future__ import annotations

import asyncio
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx

from services.admin import demo
from tests.bench.cores import on_core
from tests.bench.data import copied, executed
from tests.bench.load import Target
from tests.bench.measurement import Effort
from tests.bench.trees import PRESENT, Tree
from tests.support.databases import DatabaseKind
from tests.support.processes.commands import Served, until

DATABASES: dict[DatabaseKind, str] = {"sqlite": "SQLite", "postgres": "PostgreSQL"}
"""Maps a kind of database to its name in the benchmark's table of figures."""


@dataclass(frozen=True, slots=True)
class Site:
    """A server of `tree` over its own copy of the data.

    - `target`: sends requests as the MSSP's admin, who reaches every portal
    - `settings`: the settings of the server
    - `postgres`: the address of the PostgreSQL server
    """

    kind: DatabaseKind
    tree: Tree
    settings: dict[str, object]
    target: Target
    postgres: str

    @property
    def database(self) -> str:
        """Return the name of the database system, such as "PostgreSQL", for the tables of results."""
        return DATABASES[self.kind]

    def token(self, login: str = demo.ACCOUNTS[0][0]) -> str:
        """Open a session of a demo account, and return an access token that is valid for 15 minutes."""
        url = httpx.URL(self.target.url).copy_with(path="/dev/token", params={"account": login})
        return str(httpx.get(url).raise_for_status().json()["accessToken"])

    def renewed(self) -> Site:
        """Return the site with a new access token."""
        return replace(self, target=replace(self.target, token=self.token()))

    def portal(self, number: int) -> str:
        """Return the global id of the portal `load-<number>`."""
        data = self.target.ask("query($slug: String!) { portal(slug: $slug) { id } }", slug=f"load-{number}")
        return str(data["portal"]["id"])

    def analyze(self) -> None:
        """Update the planner statistics of PostgreSQL now, without waiting for its autovacuum."""
        if self.kind == "postgres":
            asyncio.run(executed(str(self.settings["database_url"]), "ANALYZE"))


@contextmanager
def site(kind: DatabaseKind, effort: Effort, postgres: str, tree: Tree = PRESENT) -> Iterator[Site]:
    """Run a server over a copy of the data."""
    with copied(kind, tree, effort, postgres) as db, tempfile.TemporaryDirectory(prefix="gatehouse-") as folder:
        settings: dict[str, object] = {"database_url": db.url, "data_dir": folder}
        settings |= {"housekeeping": "off", "mail_worker": "off"}  # they would compute while a request is measured
        with served(tree, settings, Path(folder), pinned=effort.pinned) as server:
            without_token = Target(server.address, "", server.process.pid)
            yield Site(kind, tree, settings, without_token, postgres).renewed()


@contextmanager
def served(
    tree: Tree, settings: dict[str, object], folder: Path, *, core: int = 0, pinned: bool = True
) -> Iterator[Served]:
    """Run a server in its own process on the core `core`. At the end, the process is killed."""
    output = Path(tempfile.mkstemp(dir=folder, prefix="output-")[1])
    with output.open("w") as written:
        process = subprocess.Popen(
            on_core(core, tree.command("serve", "--port", "0"), pinned=pinned),
            cwd=tree.root,
            env=tree.environment(**settings),
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=subprocess.STDOUT,
        )
    server = Served(process, output)
    try:
        until(lambda: "Stop with" in server.output or process.poll() is not None)
        yield server
    finally:
        process.kill()
        process.wait()
