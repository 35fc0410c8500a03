"""The benchmark of the server: it compares the server with other servers, or with an earlier commit.

It also compares requests to portals of different sizes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from typing import Annotated, NamedTuple

import typer
from rich.console import Console

from tests.bench.cores import beside_the_server, server_of
from tests.bench.data import connected, forget, postgres_server
from tests.bench.measurement import Effort, Measurement, row
from tests.bench.parts import bulk, flatness, memory, screens, sessions, users_page
from tests.bench.peers.servers import missing
from tests.bench.report import DOCUMENT, conditions, report, with_section
from tests.bench.site import DATABASES, Site, site
from tests.bench.trees import checked_out
from tests.support.databases import DatabaseKind

out = Console(highlight=False, markup=False, soft_wrap=True)
progress = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)


class Part(NamedTuple):
    """A part of the benchmark, and the databases on which it is measured."""

    name: str
    kinds: Sequence[DatabaseKind]
    measure: Callable[[Site, Effort], Iterator[Measurement]]


PARTS = (
    Part("page", ("postgres",), users_page.measure),
    Part("screens", ("postgres", "sqlite"), screens.measure),
    Part("flatness", ("postgres", "sqlite"), flatness.measure),
    Part("bulk", ("postgres",), bulk.measure),
    Part("sessions", ("postgres",), sessions.measure),
    Part("memory", ("postgres",), memory.measure),
)
MAIN = {("µs of CPU", "PostGraphile 5"), ("µs of CPU", "Mercurius + JIT"), ("requests/s", "Mercurius + JIT")}
"""The rows of the result that `make bench-quick` prints, as pairs of a unit and the reference compared with."""

DEFAULT = Effort()
ALONE, BESIDE = "make bench", "make bench base"
"""The names of the two sections of docs/benchmarks.md that a run can rewrite."""


def main(
    base: Annotated[str, typer.Option(help="Measure each request beside this commit, and nothing else.")] = "",
    part: Annotated[list[str] | None, typer.Option(help="Measure this part only; can be repeated.")] = None,
    quick: Annotated[bool, typer.Option(help="Measure the users page only.")] = False,
    write: Annotated[bool, typer.Option(help="Write the table into docs/benchmarks.md.")] = False,
    peers: Annotated[bool, typer.Option(help="Measure PostGraphile and Mercurius if npm is installed.")] = True,
    pinned: Annotated[bool, typer.Option(help="Keep the server on a core of its own.")] = True,
    keep: Annotated[bool, typer.Option(help="Keep the loaded databases for the next run.")] = True,
    rounds: Annotated[int, typer.Option(min=1, help="The figures are medians of so many.")] = DEFAULT.rounds,
    seconds: Annotated[float, typer.Option(min=0.01, max=30, help="For each request in each round.")] = DEFAULT.seconds,
    connections: Annotated[int, typer.Option(min=1, help="At once, for what only reads.")] = DEFAULT.connections,
    portals: Annotated[int, typer.Option(min=3, help="The first has half of the users.")] = DEFAULT.portals,
    users: Annotated[int, typer.Option(min=300, help="In all portals.")] = DEFAULT.users,
    requests: Annotated[int, typer.Option(min=1, help="Of what counts requests.")] = DEFAULT.requests,
) -> None:
    """Run the chosen parts, and print a table of medians and of their ratios to the references."""
    if write and (part or quick):
        raise typer.BadParameter("Only a run of all parts is written into the document.")
    effort = Effort(rounds, seconds, connections, portals, users, requests, pinned, peers)
    if peers and not base and (reason := missing()):
        progress.print(reason)
    with postgres_server() as postgres:
        described = [*conditions(effort, postgres, with_peers=peers and not base)]
        try:
            with beside_the_server(asyncio.run(_server_process(postgres)), pinned=pinned):
                found = list(_measured(_chosen(base, ["page"] if quick else part or []), effort, postgres))
        finally:
            if not keep:
                forget(effort, postgres)
    if quick:
        found = [each for each in found if (each.unit, each.reference) in MAIN] or found
    text = report(described, found)
    out.print(text)
    if write:
        DOCUMENT.write_text(with_section(DOCUMENT.read_text(), BESIDE if base else ALONE, text))


def _chosen(base: str, names: Sequence[str]) -> list[Part]:
    """Return the parts of the benchmark with these names, or all parts if `names` is empty.

    If `base` names a commit, return instead a single part, which compares the screens with those of that commit.
    """
    if base:
        return [Part(f"beside {base}", ("postgres",), partial(screens.measure_beside, checked_out(base)))]
    known = [part.name for part in PARTS]
    if unknown := [name for name in names if name not in known]:
        raise typer.BadParameter(f"{', '.join(unknown)}: the parts are {', '.join(known)}.")
    return [part for part in PARTS if not names or part.name in names]


def _measured(parts: Sequence[Part], effort: Effort, postgres: str) -> Iterator[Measurement]:
    with ExitStack() as stack:
        sites: dict[DatabaseKind, Site] = {}
        for kind in sorted({kind for part in parts for kind in part.kinds}):
            progress.print(f"{DATABASES[kind]}: preparing {effort.users:,} users in {effort.portals} portals")
            sites[kind] = stack.enter_context(site(kind, effort, postgres))
        for part in parts:
            for kind in part.kinds:
                progress.print(f"{part.name} on {DATABASES[kind]}")
                for measurement in part.measure(sites[kind].renewed(), effort):
                    progress.print(row(measurement))
                    yield measurement


async def _server_process(postgres: str) -> int | None:
    async with connected(postgres) as connection:
        return server_of(await connection.fetchval("SELECT pg_backend_pid()"))


if __name__ == "__main__":
    typer.run(main)
