"""The benchmark still runs at a small size, and the published table has the rows that the benchmark prints."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys

from tests.bench.__main__ import HEAD, main
from tests.support.processes.commands import ROOT

SMALL = ("--portals", "1", "--users", "200", "--sqlite-users", "200", "--rounds", "1", "--seconds", "0.1")


def rows(text: str) -> list[list[str]]:
    """Return the cells of the first table under the heading of the benchmark."""
    lines = text.splitlines()
    below = lines[lines.index(HEAD[1]) + 1 :]
    table = below[: next((n for n, line in enumerate(below) if not line.startswith("|")), None)]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table]


def measured(text: str) -> list[tuple[str, str]]:
    """Return what is measured on which database, for any size."""
    return [(re.sub(r"[\d,]+(?= users$)|(?<=bulk of )[\d,]+", "n", row[0]), row[1]) for row in rows(text)]


def test_a_small_benchmark_measures_what_the_published_table_shows() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "tests.bench", *SMALL], cwd=ROOT, capture_output=True, text=True, check=False
    )

    published = (ROOT / "docs" / "benchmarks.md").read_text()
    assert ended.returncode == 0, ended.stderr
    assert "\n".join(HEAD) in ended.stdout
    assert "\n".join(HEAD) in published
    assert measured(ended.stdout) == measured(published)
    assert all(float(cell.replace(",", "")) > 0 for row in rows(ended.stdout) for cell in row[2:4])


def test_the_published_sizes_are_those_that_make_bench_takes() -> None:
    default = {name: parameter.default for name, parameter in inspect.signature(main).parameters.items()}

    sizes = {row[1]: row[0] for row in rows((ROOT / "docs" / "benchmarks.md").read_text()) if "users page" in row[0]}

    assert sizes == {
        "SQLite": f"users page of 50, {default['sqlite_users']:,} users",
        "PostgreSQL": f"users page of 50, {default['users']:,} users",
    }
