"""`gatehouse demo` with benchmark data: where the data goes, what is printed, and which sizes are refused."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from models.db.database import database
from models.db.sql import Sql, fetch
from tests.support.databases import Database, on_sqlite
from tests.support.processes.commands import COMMAND, Shell, at_a_terminal, environment

CROWD = ("demo", "--portals", "3", "--users", "1200")
NUMBERS = "Ask for 1 to 1,000 portals and for at least one user each, 5,000,000 at most.\n"
BOTH = "Give both --portals and --users, or none of them.\n"


@pytest.fixture
def shell(closed_db: Database, tmp_path: Path) -> Shell:
    return Shell({"database_url": closed_db.url, "data_dir": tmp_path / "data"})


def portals(shell: Shell) -> int:
    async def body() -> int:
        async with database(str(shell.settings["database_url"])):
            return len(await fetch(Sql("SELECT p.id FROM portal p")))

    return asyncio.run(body())


def test_a_crowd_comes_with_the_demo_and_the_doctor_is_content(shell: Shell) -> None:
    result, doctor = shell(*CROWD), shell("doctor")

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == "The demo is loaded, and 1,200 users in 3 portals are added.\n"
    assert (doctor.exit_code, doctor.stdout, doctor.stderr) == (0, "", "")
    assert portals(shell) == 7


def test_a_crowd_is_added_to_a_demo_that_is_there_once(shell: Shell) -> None:
    shell("demo")

    first, again = shell(*CROWD), shell(*CROWD)

    assert (first.exit_code, first.stdout) == (0, "To the demo, 1,200 users in 3 portals are added.\n")
    assert (again.exit_code, again.stdout) == (1, "")
    assert again.stderr == "The benchmark data is there already. Take another database.\n"
    assert portals(shell) == 7


def test_a_crowd_goes_into_no_system_of_ones_own(shell: Shell) -> None:
    shell("create-mssp", "Example")

    result, if_empty = shell(*CROWD), shell(*CROWD, "--if-empty")

    assert result.exit_code == 1
    assert result.stderr == "The demo loads into an empty database only. Take another one.\n"
    assert (if_empty.exit_code, if_empty.stdout) == (0, "The database is in use already; no demo is loaded.\n")
    assert portals(shell) == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--portals", "0", "--users", "10"), NUMBERS),
        (("--portals", "1001", "--users", "2000"), NUMBERS),
        (("--portals", "5", "--users", "4"), NUMBERS),
        (("--portals", "5", "--users", "5000001"), NUMBERS),
        (("--portals", "5"), BOTH),
        (("--users", "5"), BOTH),
    ],
)
def test_nonsense_is_refused_with_one_sentence_and_nothing_is_loaded(
    shell: Shell, arguments: tuple[str, ...], sentence: str
) -> None:
    result = shell("demo", *arguments)

    assert (result.exit_code, result.stdout, result.stderr) == (1, "", sentence)
    assert portals(shell) == 0


@on_sqlite
def test_at_a_terminal_a_bar_shows_how_far_it_is(shell: Shell) -> None:
    env = environment(**shell.settings) | {"TERM": "xterm"}

    code, screen = at_a_terminal([*COMMAND, *CROWD], {}, env)

    assert code == 0
    assert "1200/1200" in screen
    assert "The demo is loaded, and 1,200 users in 3 portals are added." in screen
