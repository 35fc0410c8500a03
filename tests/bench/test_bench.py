"""The benchmark with small data: every part runs and checks its answers, and the docs contain its table."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.bench.__main__ import ALONE, BESIDE, PARTS
from tests.bench.data import database_address
from tests.bench.measurement import HEAD
from tests.bench.report import DOCUMENT, section
from tests.support.databases import Database, on_postgres
from tests.support.databases.postgres.server import SERVER_VARIABLE
from tests.support.processes.commands import ROOT

SMALL = [
    "--no-peers",
    "--no-pinned",
    "--no-keep",
    "--rounds",
    "1",
    "--seconds",
    "0.02",
    "--portals",
    "3",
    "--users",
    "400",
    "--requests",
    "40",
]


def cells(text: str) -> list[list[str]]:
    """Return the cells of the rows below the table's head."""
    lines = text.splitlines()
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in lines[lines.index(HEAD) + 2 :]
        if line.startswith("|")
    ]


@on_postgres
def test_a_small_benchmark_measures_every_part(closed_db: Database, tmp_path: Path) -> None:
    server = database_address(closed_db.url, "postgres")

    ended = subprocess.run(
        [sys.executable, "-m", "tests.bench", *SMALL],
        cwd=ROOT,
        env={**os.environ, "GATEHOUSE_BENCH_CACHE": str(tmp_path), SERVER_VARIABLE: server},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 0, ended.stderr
    assert all(f"{part.name} on " in ended.stderr for part in PARTS)
    assert {row[1] for row in cells(ended.stdout)} == {"PostgreSQL", "SQLite"}
    assert all(float(row[3].replace(",", "")) > 0 for row in cells(ended.stdout))


def test_the_docs_have_a_section_for_each_way_to_measure() -> None:
    sections = [section(DOCUMENT.read_text(), name) for name in (ALONE, BESIDE)]

    assert all(cells(text) for text in sections)
