"""Measures the real server on both databases and prints a Markdown table: medians of several rounds."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tests.bench.load import GENERATOR, Figure
from tests.bench.scene import Screens, database, serving
from tests.support.databases.fixtures import KINDS, UserKind

out = Console(highlight=False, markup=False, soft_wrap=True)
progress = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)

NAMES: dict[UserKind, str] = {"sqlite": "SQLite", "postgres": "PostgreSQL"}
HEAD = ("| request | database | requests/s | ms | server's CPU, ms |", "|---|---|--:|--:|--:|")


def main(
    portals: Annotated[int, typer.Option(help="Portals beside the demo's.")] = 51,
    users: Annotated[int, typer.Option(help="Users in them on PostgreSQL, half of them in one portal.")] = 200_000,
    sqlite_users: Annotated[int, typer.Option(help="The same on SQLite.")] = 20_000,
    rounds: Annotated[int, typer.Option(min=1, help="The figures are the medians of so many.")] = 5,
    seconds: Annotated[float, typer.Option(min=0.1, max=30, help="For each request in each round.")] = 3.0,
    connections: Annotated[int, typer.Option(min=1, help="At once, for what only reads.")] = 4,
) -> None:
    """Measure the users page, the tiles and a bulk of 1,000, on SQLite and on PostgreSQL."""
    sizes: dict[UserKind, int] = {"sqlite": sqlite_users, "postgres": users}
    lines = [line for kind in KINDS for line in _measured(kind, portals, sizes[kind], rounds, seconds, connections)]
    out.print(f"Medians of {rounds} rounds; reads by {GENERATOR} on {connections} connections, bulks one at a time.\n")
    out.print("\n".join([*HEAD, *lines]))


def _measured(kind: UserKind, portals: int, users: int, rounds: int, seconds: float, connections: int) -> list[str]:
    progress.print(f"{NAMES[kind]}: loading {users:,} users in {portals} portals")
    with (
        database(kind) as db,
        tempfile.TemporaryDirectory() as folder,
        serving(db, Path(folder), portals=portals, users=users) as target,
    ):
        screens = Screens(target, connections, seconds)
        measures = {
            f"users page of 50, {users:,} users": screens.users,
            "tiles": screens.tiles,
            f"bulk of {len(screens.people):,}": screens.bulk,
        }
        found: dict[str, list[Figure]] = {name: [] for name in measures}
        for number in range(1, rounds + 1):
            for name, measure in measures.items():
                found[name].append(measure())
                progress.print(f"{NAMES[kind]} round {number}  {_row(name, kind, found[name][-1])}")
    return [_row(name, kind, Figure.median(figures)) for name, figures in found.items()]


def _row(name: str, kind: UserKind, figure: Figure) -> str:
    cpu = "" if figure.cpu is None else f"{figure.cpu:.2f}"
    return f"| {name} | {NAMES[kind]} | {figure.per_second:,.1f} | {figure.milliseconds:.1f} | {cpu} |"


if __name__ == "__main__":
    typer.run(main)
