"""The effects of each command."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from graphql import build_schema

from tests.api.cli.shells import FROM_STDIN, PORTAL, SECRET, STAFF, rows
from tests.support.databases import Database, on_sqlite
from tests.support.processes.commands import COMMAND, MIGRATIONS, Shell, at_a_terminal, environment


@pytest.fixture
def blank(blank_db: Database, tmp_path: Path) -> Shell:
    """Return a shell over a database without tables."""
    return Shell({"database_url": blank_db.url, "data_dir": tmp_path / "data"})


def test_migrating_again_applies_nothing(blank: Shell) -> None:
    first, second = blank("migrate"), blank("migrate")

    # A PostgreSQL without its contrib modules gets a second line, about the index for searches.
    assert (first.exit_code, first.stdout.splitlines()[0]) == (0, f"Applied: {', '.join(MIGRATIONS)}")
    assert (second.exit_code, second.stdout.splitlines()[0]) == (0, "Nothing to apply.")


def test_the_command_line_loads_nothing_of_graphql_until_a_command_needs_it() -> None:
    script = "import sys, api.cli; print(*sys.modules)"

    loaded = subprocess.run(
        [sys.executable, "-c", script], env=environment(), stdout=subprocess.PIPE, text=True, check=True
    ).stdout.split()

    assert {name.split(".")[0] for name in loaded} & {"strawberry", "graphql", "resolvers"} == set()


@pytest.mark.parametrize("command", [("demo",), ("doctor",), ("create-mssp", "Example"), ("token", "ada@example.com")])
def test_a_command_without_a_database_makes_none_and_says_how(tmp_path: Path, command: tuple[str, ...]) -> None:
    shell = Shell({"data_dir": tmp_path / "data"})

    result = shell(*command)

    assert result.exit_code == 1
    assert result.stderr.startswith(f"There is no database at {tmp_path / 'data'}")
    assert "gatehouse migrate" in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", [("demo",), ("doctor",), ("create-mssp", "Example"), ("token", "ada@example.com")])
def test_a_database_without_tables_gets_a_hint_how_to_make_them(blank: Shell, command: tuple[str, ...]) -> None:
    if str(blank.settings["database_url"]).startswith("sqlite"):
        Path(str(blank.settings["database_url"]).removeprefix("sqlite://")).touch(mode=0o600)

    result = blank(*command)

    assert result.exit_code == 1
    assert result.stderr == f"The database lacks {', '.join(MIGRATIONS)}. Run: gatehouse migrate\n"


def test_the_demo_loads_into_an_empty_database_and_into_no_other(shell: Shell) -> None:
    first, again, if_empty = shell("demo"), shell("demo"), shell("demo", "--if-empty")

    assert (first.exit_code, first.stdout) == (0, "The demo is loaded.\n")
    assert (again.exit_code, again.stdout) == (1, "")
    assert again.stderr == "The demo loads into an empty database only. Take another one.\n"
    assert (if_empty.exit_code, if_empty.stdout) == (0, "The database is in use already; no demo is loaded.\n")
    assert rows(shell, "SELECT COUNT(*) AS n FROM portal") == [{"n": 4}]


def test_the_demo_is_loaded_if_the_database_is_empty(shell: Shell) -> None:
    result = shell("demo", "--if-empty")

    assert (result.exit_code, result.stdout) == (0, "The demo is loaded.\n")


def test_production_has_no_demo_and_no_tokens_for_the_asking(shell: Shell) -> None:
    production = {"env": "production", "secret_key": "k" * 32}

    demo, if_empty, token = (
        shell(*command, **production) for command in (("demo",), ("demo", "--if-empty"), ("token", "ada@example.com"))
    )

    assert (demo.exit_code, demo.stderr) == (1, "The demo's passwords are public: it loads in development only.\n")
    assert (if_empty.exit_code, if_empty.stderr) == (0, "")
    assert (token.exit_code, token.stdout) == (1, "")
    assert rows(shell, "SELECT COUNT(*) AS n FROM portal") == [{"n": 0}]


def test_a_system_of_ones_own_can_be_set_up_and_signed_in_to(shell: Shell, tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text(f"{SECRET}\n")
    commands = (
        ("create-mssp", "Example"),
        (*STAFF, *FROM_STDIN),
        (*PORTAL, "--seats", "5", "--password-file", str(password)),
        (*STAFF[:3], "--email", "tim@example.com", "--name", "Tim", "--technician", "--portal", "harbour", *FROM_STDIN),
    )

    results = [shell(*command, input=f"{SECRET}\n") for command in commands]

    assert [result.exit_code for result in results] == [0, 0, 0, 0]
    assert [result.stdout for result in results] == [
        "MSSP Example is set up. Next: gatehouse create-staff\n",
        "ada@example.com can sign in, without a portalSlug.\n",
        'pia@harbour.example can sign in, with portalSlug "harbour".\n',
        "tim@example.com can sign in, without a portalSlug.\n",
    ]
    assert shell("doctor").exit_code == 0
    with shell.serving(tmp_path) as served:
        for login, slug in (("ada@example.com", None), ("pia@harbour.example", "harbour"), ("tim@example.com", None)):
            token = served.token(login, SECRET, slug)
            seen = served.ask("{ portals { nodes { slug licenseTiles { seatsTotal seatsUsed } } } }", token)
            assert seen == {
                "portals": {"nodes": [{"slug": "harbour", "licenseTiles": {"seatsTotal": 5, "seatsUsed": 0}}]}
            }
        assert SECRET not in served.output


def test_a_command_that_changes_something_tells_the_security_log_on_standard_error(shell: Shell) -> None:
    commands = (("create-mssp", "Example"), (*STAFF, *FROM_STDIN), (*PORTAL, *FROM_STDIN))

    results = [shell(*command, input=f"{SECRET}\n", env="production", secret_key="k" * 32) for command in commands]

    told = [json.loads(result.stderr) for result in results]
    assert [(line["event"], line["level"], line["command"], line["what"]) for line in told] == [
        ("security.command_run", "info", "create-mssp", "mssp.created"),
        ("security.command_run", "info", "create-staff", "staff.created"),
        ("security.command_run", "info", "create-portal", "portal.created"),
    ]
    assert len({line["mssp_id"] for line in told}) == 1
    assert all(example not in result.stderr for result in results for example in ("Example", "ada@", "pia@", SECRET))


@on_sqlite
def test_the_password_is_asked_for_at_a_terminal_and_never_shown(shell: Shell) -> None:
    shell("create-mssp", "Example")

    exit_code, screen = at_a_terminal(
        [*COMMAND, *STAFF], {"characters: ": SECRET, "confirmation: ": SECRET}, environment(**shell.settings)
    )

    assert (exit_code, screen.splitlines()[-1]) == (0, "ada@example.com can sign in, without a portalSlug.")
    assert SECRET not in screen


def test_the_doctor_is_silent_while_every_count_is_right(shell: Shell) -> None:
    shell("demo")

    result = shell("doctor")

    assert (result.exit_code, result.output) == (0, "")


def test_the_doctor_names_every_count_that_is_wrong(shell: Shell) -> None:
    shell("demo")
    rows(shell, "UPDATE portal SET active = active + 1, seats_used = 0 WHERE slug = 'globex'")

    result = shell("doctor")

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.splitlines() == [
        "globex counts 27 in active, but has 26",
        "globex counts 0 in seats_used, but has 31",
        "2 differences.",
    ]


def test_a_token_is_printed_for_those_who_can_sign_in(shell: Shell) -> None:
    shell("demo")
    waiting = rows(shell, "SELECT username FROM portal_user WHERE status = 'PROVISIONED' ORDER BY username LIMIT 1")
    login = str(waiting[0]["username"])

    staff, user, blocked, unknown = (
        shell("token", *arguments)
        for arguments in (
            ("admin@northwind.test",),
            ("user@acme.test", "--portal", "acme"),
            (login, "--portal", "globex"),
            ("user@acme.test",),
        )
    )

    assert [len(result.stdout.split(".")) for result in (staff, user)] == [3, 3]
    assert (blocked.exit_code, unknown.exit_code) == (1, 1)
    assert unknown.stderr == "There is no account user@acme.test among the staff.\n"


@on_sqlite
def test_the_schema_is_printed_whatever_the_settings(shell: Shell) -> None:
    result = shell("schema", database_url="nonsense", env="nonsense")

    assert result.exit_code == 0
    assert build_schema(result.stdout).query_type
