"""What scripts read from the command line: JSON and exit codes. Also the help, and progress bars."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer.main

from api.cli import cli
from api.cli.housekeeping import WORDS
from models.db.database import database
from models.db.migrate import migrate
from rules.housekeeping import Task
from tests.api.cli.shells import rows
from tests.models.db.test_migrate import LIBRARY, LIBRARY_TABLES
from tests.support.databases import Database, on_sqlite
from tests.support.processes.commands import COMMAND, MIGRATIONS, Shell, at_a_terminal, environment

COMMANDS = typer.main.get_command(cli).commands  # type: ignore[attr-defined]  # a group, as it has several commands
SECRET = "a password that no other account has"
PANELS = ("Servers", "Setup", "Users", "Maintenance")


@pytest.fixture
def shell(closed_db: Database, tmp_path: Path) -> Shell:
    return Shell({"database_url": closed_db.url, "data_dir": tmp_path / "data"})


def answer(shell: Shell, *command: str, **given: Any) -> Any:
    result = shell(*command, "--json", **given)
    assert (result.exit_code, result.stderr) == (0, "")
    return json.loads(result.stdout)


def test_migrations_are_named_in_json(blank_db: Database, tmp_path: Path) -> None:
    shell = Shell({"database_url": blank_db.url, "data_dir": tmp_path / "data"})

    first, again = answer(shell, "migrate"), answer(shell, "migrate")

    assert (first["applied"], again["applied"]) == (MIGRATIONS, [])
    assert first["searchIndex"] == again["searchIndex"]
    assert blank_db.kind == "postgres" or first["searchIndex"] is True


def test_what_is_set_up_is_printed_with_the_ids_of_the_api(shell: Shell, tmp_path: Path) -> None:
    password = ("--password-file", "-")
    staff = ("create-staff", "--mssp", "Example", "--email", "ada@example.com", "--name", "Ada", *password)
    portal = ("create-portal", "--mssp", "Example", "--slug", "harbour", "--name", "Harbour", *password)
    admin = ("--admin-email", "pia@harbour.example", "--admin-first-name", "Pia")

    made = [
        answer(shell, *command, input=SECRET)["id"]
        for command in (("create-mssp", "Example"), staff, (*portal, *admin))
    ]

    with shell.serving(tmp_path) as served:
        seen = served.ask(
            '{ viewer { id ... on StaffMember { mssp { id } } } portal(slug: "harbour") { id } }',
            served.token("ada@example.com", SECRET),
        )
    assert [seen["viewer"]["mssp"]["id"], seen["viewer"]["id"], seen["portal"]["id"]] == made


def test_a_token_comes_with_how_long_it_is_good_for(shell: Shell) -> None:
    shell("demo")

    token = answer(shell, "token", "admin@northwind.test")

    assert (len(token["accessToken"].split(".")), token["expiresIn"]) == (3, 900)


def test_the_doctor_tells_scripts_what_differs(shell: Shell) -> None:
    shell("demo")

    well = answer(shell, "doctor")
    rows(shell, "UPDATE portal SET active = active + 1 WHERE slug = 'globex'")
    ill = shell("doctor", "--json")

    assert well == {"differences": [], "notes": []}
    assert (ill.exit_code, ill.stderr) == (1, "1 difference.\n")
    assert json.loads(ill.stdout) == {
        "differences": ["globex counts 27 in active, but has 26"],
        "notes": [],
    }


@pytest.mark.parametrize("command", [("doctor",), ("token", "unknown@example.com")])
def test_without_a_result_standard_output_is_empty_and_standard_error_says_why(
    blank_db: Database, tmp_path: Path, command: tuple[str, ...]
) -> None:
    shell = Shell({"database_url": blank_db.url, "data_dir": tmp_path / "data"})

    result = shell(*command, "--json")

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.count("\n") == 1


# ── bars ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@on_sqlite
def test_the_doctor_shows_how_far_it_is_at_a_terminal_and_leaves_nothing_in_a_pipe(shell: Shell) -> None:
    shell("demo")

    exit_code, screen = at_a_terminal([*COMMAND, "doctor"], {}, environment(**shell.settings) | {"TERM": "xterm"})
    piped = shell("doctor")

    assert (exit_code, "Portals" in screen, "4/4" in screen) == (0, True, True)
    assert (piped.exit_code, piped.output) == (0, "")


def test_what_there_is_nothing_of_has_no_bar(tmp_path: Path) -> None:
    env = environment(data_dir=tmp_path / "data", database_url=f"sqlite://{tmp_path}/db") | {"TERM": "xterm"}

    (first, screen), (again, later) = [at_a_terminal([*COMMAND, "migrate"], {}, env) for _ in range(2)]

    assert (first, again) == (0, 0)
    assert f"Applied: {MIGRATIONS[0]}" in screen
    assert "Migrations" not in later


async def test_migrating_tells_how_far_it_is(blank_db: Database) -> None:
    told: list[tuple[int, int]] = []

    async with database(blank_db.url, models=LIBRARY_TABLES):
        await migrate(LIBRARY, lambda done, total: told.append((done, total)))

    assert told == [(1, 2), (2, 2)]


# ── help ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_help_groups_commands_and_tells_the_exit_codes(tmp_path: Path) -> None:
    result = Shell({"data_dir": tmp_path})("--help")

    assert result.exit_code == 0
    assert [panel for panel in PANELS if f"─ {panel} ─" not in result.stdout] == []
    assert all(name in result.stdout for name in COMMANDS)
    assert "Exit codes: 0 all is well, 1 it could not be done or differences were found, 2" in result.stdout


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_a_panel_an_example_and_a_next_step(name: str, tmp_path: Path) -> None:
    command = COMMANDS[name]

    help = Shell({"data_dir": tmp_path})(name, "--help").stdout

    assert command.rich_help_panel in PANELS
    assert f"Example: gatehouse {name}" in help
    assert "Next: " in help
    assert "Exit codes: 0 done, 1 " in help


@on_sqlite
def test_an_example_for_the_demo_works(shell: Shell) -> None:
    shell("demo")
    examples = [
        command.epilog.splitlines()[0].removeprefix("Example: gatehouse ").split()
        for name, command in COMMANDS.items()
        if name in ("migrate", "demo", "config", "doctor", "token")
    ]

    assert [shell(*example).exit_code for example in examples] == [0] * 5


def test_each_task_of_housekeeping_has_words_for_its_report() -> None:
    assert set(WORDS) == set(Task)
