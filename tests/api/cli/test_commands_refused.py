"""The messages of commands that cannot do their work."""

from __future__ import annotations

import sys
from importlib.metadata import version
from pathlib import Path

import pytest
import typer.main

from api.cli import cli, main
from tests.api.cli.shells import FROM_STDIN, PORTAL, SECRET, STAFF, rows
from tests.support.databases import on_sqlite
from tests.support.processes.commands import Shell

COMMANDS = typer.main.get_command(cli).commands  # type: ignore[attr-defined]  # a group, as it has several commands


@on_sqlite
@pytest.mark.parametrize(
    ("command", "told"),
    [
        (("launch",), "launch"),
        (("create-mssp",), "name"),
        (("serve", "--port", "http"), "--port"),
        (("create-staff", "--mssp", "Example"), "--email"),
        (STAFF, "--password-file"),  # there is no terminal to ask at
        ((*STAFF, "--password", SECRET), "--password"),  # other users could read it
        ((*PORTAL, "--seats", "0", *FROM_STDIN), "--seats"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_wrong_usage_is_explained(shell: Shell, command: tuple[str, ...], told: str) -> None:
    result = shell(*command)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("Usage: ")
    assert told in result.stderr


PROBLEMS = {
    "There is an MSSP called Example already.": ("create-mssp", "Example"),
    "The name is empty.": ("create-mssp", "  "),
    "There is no MSSP called Nowhere. Make one with create-mssp.": (*STAFF[:2], "Nowhere", *STAFF[3:]),
    "A member of staff has TAKEN@example.com already.": (*STAFF[:4], "TAKEN@example.com", *STAFF[5:]),
    "is not an e-mail address": (*STAFF[:4], "nonsense", *STAFF[5:]),
    "An MSSP admin has every portal: name portals for technicians only.": (*STAFF, "--portal", "taken"),
    "Example has no portal nowhere.": (*STAFF, "--technician", "--portal", "nowhere"),
    "There is a portal taken already.": (*PORTAL[:4], "taken", *PORTAL[5:]),
    "A slug is made of a-z, 0-9 and -, at most 63 long.": (*PORTAL[:4], "No Slug", *PORTAL[5:]),
    "The first name of the admin is empty.": (*PORTAL[:-1], " "),
    "Cannot read nowhere: No such file or directory.": (*STAFF, "--password-file", "nowhere"),
}


def test_a_refused_command_explains_itself_and_changes_nothing(shell: Shell) -> None:
    shell("create-mssp", "Example")
    shell(*STAFF[:4], "taken@example.com", *STAFF[5:], *FROM_STDIN, input=SECRET)
    shell(*PORTAL[:4], "taken", *PORTAL[5:], *FROM_STDIN, input=SECRET)
    counts = "SELECT (SELECT COUNT(*) FROM staff_member) AS s, (SELECT COUNT(*) FROM portal) AS p"
    before = rows(shell, counts)

    for sentence, command in PROBLEMS.items():
        needs_password = command[0] != "create-mssp" and "--password-file" not in command
        result = shell(*command, *(FROM_STDIN if needs_password else ()), input=SECRET)

        assert (result.exit_code, result.stdout) == (1, ""), command
        assert sentence in result.stderr, command
        assert result.stderr.count("\n") == 1, command
    assert rows(shell, counts) == before


@on_sqlite
@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        (b"fourteen chars", "A password has at least 15 characters. Take a longer one."),
        (b"x" * 129, "A password has at most 128 characters. Take a shorter one."),
        (b"", "A password has at least 15 characters. Take a longer one."),
        (b"passwordpassword", "This password is easy to guess: it is common, or follows a pattern. Take another one."),
        (b"\xff" * 20, "The password in - is not UTF-8."),
    ],
)
def test_what_cannot_be_a_password_is_refused(shell: Shell, password: bytes, sentence: str) -> None:
    shell("create-mssp", "Example")

    result = shell(*STAFF, *FROM_STDIN, input=password)

    assert (result.exit_code, result.stderr) == (1, f"{sentence}\n")


@on_sqlite
@pytest.mark.parametrize(
    ("command", "password"),
    [
        (STAFF, b"Ada-ada@example.com"),
        (PORTAL, b"Harbour-pia@harbour.example"),
    ],
)
def test_a_first_password_made_of_names_is_refused_as_the_api_does(
    shell: Shell, command: tuple[str, ...], password: bytes
) -> None:
    shell("create-mssp", "Example")

    result = shell(*command, *FROM_STDIN, input=password)

    assert (result.exit_code, result.stdout) == (1, "")
    assert "easy to guess" in result.stderr


def test_unusable_settings_and_databases_are_reported_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("This file was never a database. " * 40)
    problems: dict[str, dict[str, object]] = {
        "GATEHOUSE_ENV": {"env": "staging"},
        "GATEHOUSE_SECRET_KEY": {"secret_key": "short"},
        "There is no database at": {"database_url": f"sqlite://{tmp_path}/nowhere/gatehouse.db"},
        "is no SQLite database, or a damaged one": {"database_url": f"sqlite://{tmp_path}/text"},
        "the file cannot be opened (SQLITE_CANTOPEN)": {"database_url": f"sqlite://{tmp_path}"},
        "It is what GATEHOUSE_DATABASE_URL names.": {"database_url": "postgres://127.0.0.1:1/gatehouse"},
    }

    for sentence, settings in problems.items():
        result = Shell({"data_dir": tmp_path / "data", **settings})("doctor")

        assert (result.exit_code, result.stdout) == (1, ""), settings
        assert sentence in result.stderr, settings
        assert result.stderr.count("\n") == 1, settings


def test_arguments_that_are_no_text_are_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["gatehouse", "create-mssp", b"\xff".decode(errors="surrogateescape")])

    with pytest.raises(SystemExit) as ended:
        main()

    assert (ended.value.code, capsys.readouterr().err) == (2, "The arguments must be UTF-8.\n")


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_and_option_is_explained(command: str, tmp_path: Path) -> None:
    result = Shell({"data_dir": tmp_path})(command, "--help")

    assert result.exit_code == 0
    assert result.stdout.strip().startswith(f"Usage: root {command}")
    assert COMMANDS[command].help
    assert all(getattr(option, "help", None) for option in COMMANDS[command].params)
    assert not any(len(line) > 80 for line in result.stdout.splitlines())


def test_the_version_is_printed_alone(shell: Shell) -> None:
    assert shell("--version").stdout == f"gatehouse {version('gatehouse')}\n"
