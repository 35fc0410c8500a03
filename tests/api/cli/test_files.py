"""Export and import of CSV files by commands, with the rights of the account that the command names."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.api.cli.shells import FROM_STDIN, PORTAL, SECRET, STAFF, rows
from tests.support.databases import on_sqlite
from tests.support.processes.commands import COMMAND, Shell, at_a_terminal, environment

FILE = "email;firstName;role\nann@new.test;Ann;PORTAL_ADMIN\nbob@new.test;Bob;\n"
AS_ADA = ("--as", "ada@example.com", "--portal", "harbour")


@pytest.fixture
def harbour(shell: Shell) -> Shell:
    """Return a shell over a database with the portal harbour, its admin Pia, and Ada, an admin of the provider."""
    for command in (("create-mssp", "Example"), (*STAFF, *FROM_STDIN), (*PORTAL, *FROM_STDIN)):
        assert shell(*command, input=SECRET).exit_code == 0
    return shell


@pytest.fixture
def users(tmp_path: Path) -> Path:
    file = tmp_path / "users.csv"
    file.write_text(FILE)
    return file


def test_a_file_is_imported_once_and_the_audit_log_names_the_account(harbour: Shell, users: Path) -> None:
    preview = harbour("import-users", str(users), *AS_ADA, "--dry-run")
    first = harbour("import-users", str(users), *AS_ADA, "--ticket", "INC-1")
    second = harbour("import-users", str(users), *AS_ADA, "--ticket", "INC-1")

    assert (preview.exit_code, preview.stdout) == (0, "2 of 2 rows would succeed.\n")
    assert (first.exit_code, first.stdout) == (0, "2 of 2 rows succeeded.\n")
    assert second.stdout == "2 of 2 rows succeeded. This is what an earlier import of the file did.\n"
    ada = rows(harbour, "SELECT id FROM staff_member")[0]["id"]
    events = rows(harbour, "SELECT event, actor_id, reason, ticket FROM audit_event WHERE event = 'user.invited'")
    told = [(event["actor_id"], event["reason"], event["ticket"]) for event in events]
    assert told == [(ada, "gatehouse import-users", "INC-1")] * 2
    sessions = rows(harbour, "SELECT user_agent FROM account_session WHERE revoked_at IS NULL")
    assert sessions == []


def test_an_export_is_written_to_the_file_or_to_standard_output(harbour: Shell, users: Path, tmp_path: Path) -> None:
    harbour("import-users", str(users), *AS_ADA)
    written = tmp_path / "written.csv"
    conditions = ("--category", "UNCONFIRMED", "--filter", '{"roleIn": ["PORTAL_USER"]}', "--search", "new.test")

    to_file = harbour("export-users", str(written), *AS_ADA, *conditions, "--columns", "email,role")
    to_output = harbour("export-users", "-", "--as", "pia@harbour.example", "--portal", "harbour", "--delimiter", "tab")

    assert (to_file.exit_code, to_file.stdout) == (0, f"1 user is in {written}.\n")
    assert written.read_bytes() == b"\xef\xbb\xbfemail,role\r\nbob@new.test,PORTAL_USER\r\n"
    assert [path.name for path in tmp_path.glob("written*")] == ["written.csv"]
    assert to_output.stdout.splitlines()[0].split("\t")[:2] == ["\ufeffportalSlug", "firstName"]
    assert len(to_output.stdout.splitlines()) == 4
    events = rows(harbour, "SELECT event FROM audit_event WHERE event = 'users.exported'")
    assert len(events) == 2


def test_rows_that_are_skipped_are_printed_with_their_lines(harbour: Shell, tmp_path: Path) -> None:
    file = tmp_path / "users.csv"
    file.write_text(FILE + "pia@harbour.example;Pia;\nnone;Eve;\n")

    told = harbour("import-users", str(file), *AS_ADA, "--delivery", "LINK")
    as_json = harbour("import-users", str(file), *AS_ADA, "--delivery", "LINK", "--json", "--dry-run")

    assert told.exit_code == as_json.exit_code == 1
    assert told.stdout.startswith("Line 2: Ann: http://localhost:5173/invitation#token=")
    assert told.stdout.endswith("\n2 of 4 rows succeeded.\n")
    assert told.stderr.splitlines()[-3:] == [
        "Line 4: Pia was not invited: this is a member of the portal already.",
        "Line 5: Eve was not invited: the e-mail address is not valid. Correct it.",
        "Skipped: 2.",
    ]
    answers = json.loads(as_json.stdout)["rows"]
    assert [(row["line"], row["code"]) for row in answers] == [
        (2, None),
        (3, None),
        (4, "ALREADY_MEMBER"),
        (5, "INVALID_EMAIL"),
    ]


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        (
            ("import-users", "{file}", "--as", "ada@example.com", "--portal", "nowhere"),
            "There is no such portal. Check its id or slug.",
        ),
        (("import-users", "{file}", "--as", "eve@example.com", "--portal", "harbour"), "There is no account eve@"),
        (("import-users", "missing.csv", *AS_ADA), "Cannot read missing.csv: No such file or directory."),
        (("export-users", "x.csv", "--as", "eve@example.com"), "There is no account eve@example.com among the staff."),
        (("export-users", "no/x.csv", *AS_ADA), "Cannot write no/x.csv: No such file or directory."),
        (("export-users", "x.csv", *AS_ADA, "--filter", "{"), "The filter cannot be read as JSON."),
        (("export-users", "x.csv", *AS_ADA, "--columns", "shoe"), "There is no column shoe."),
    ],
)
def test_a_command_that_cannot_be_done_says_why(
    harbour: Shell, users: Path, command: tuple[str, ...], problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(users.parent)

    result = harbour(*(part.format(file=users) if part == "{file}" else part for part in command))

    assert result.exit_code == 1
    assert problem in result.stderr
    assert not (users.parent / "x.csv").exists()


def test_a_wrong_file_is_refused_with_all_its_faults(harbour: Shell, tmp_path: Path) -> None:
    file = tmp_path / "users.csv"
    file.write_text("email,shoe,hat\n")

    result = harbour("import-users", str(file), *AS_ADA)

    assert [line.split(":")[0] for line in result.stderr.splitlines()[-2:]] == [
        "Line 1, column 7",
        "Line 1, column 12",
    ]


@on_sqlite
def test_at_a_terminal_a_bar_shows_how_far_an_import_is(harbour: Shell, tmp_path: Path) -> None:
    file = tmp_path / "users.csv"
    file.write_text("email,firstName\n" + "".join(f"p{n}@new.test,P{n}\n" for n in range(1001)))
    env = {**environment(**harbour.settings), "TERM": "xterm", "COLUMNS": "120"}

    code, screen = at_a_terminal([*COMMAND, "import-users", str(file), *AS_ADA, "--dry-run"], {}, env)

    assert code == 0, screen
    assert "Users" in screen
    assert "1001/1001" in screen


def test_an_import_that_is_refused_midway_still_prints_what_it_has_done(harbour: Shell, tmp_path: Path) -> None:
    """The output is the only place with the links of the invitations. A repeated upload does not return them."""
    _add_group(harbour, "1", "Staff")
    file = tmp_path / "users.csv"
    people = "".join(f"p{n}@new.test,P{n},\n" for n in range(1000))
    file.write_text(f"email,firstName,groups\n{people}last@new.test,Last,Staff\n")
    harbour("import-users", str(file), *AS_ADA)
    rows(harbour, "DELETE FROM user_grant")
    rows(harbour, "DELETE FROM grantable WHERE name = 'Staff'")
    _add_group(harbour, "2", "Staff")

    again = harbour("import-users", str(file), *AS_ADA)
    as_json = harbour("import-users", str(file), *AS_ADA, "--json")

    assert (again.exit_code, as_json.exit_code) == (1, 1)
    assert again.stdout == "1,000 of 1,001 rows succeeded. This is what an earlier import of the file did.\n"
    assert "Not reached: 1." in again.stderr
    assert "the portal's catalogue has changed since" in again.stderr
    assert len(json.loads(as_json.stdout)["rows"]) == 1000


def _add_group(harbour: Shell, digit: str, name: str) -> None:
    rows(
        harbour,
        "INSERT INTO grantable (id, portal_id, kind, app, app_key, name, name_key, admin_only, is_system)"
        f" SELECT '00000000-0000-7000-8000-00000000000{digit}', p.id, 'GROUP', '', '', '{name}', lower('{name}'),"
        " FALSE, FALSE FROM portal p",
    )


def test_a_name_in_a_file_cannot_command_the_terminal(harbour: Shell, tmp_path: Path) -> None:
    file = tmp_path / "users.csv"
    file.write_text('email,firstName\nnone,"\x1b]0;Eve\x07\nLine 7: Bob"\n')

    told = harbour("import-users", str(file), *AS_ADA)

    assert told.stderr.splitlines()[-2].startswith("Line 2: \ufffd]0;Eve\ufffd Line 7: Bob was not invited: ")


def test_a_file_without_an_end_is_refused_before_it_fills_the_memory(harbour: Shell) -> None:
    result = harbour("import-users", "/dev/zero", *AS_ADA)

    assert "/dev/zero is longer than 10,485,760 bytes." in result.stderr


def test_an_exported_file_is_readable_by_its_owner_only(harbour: Shell, tmp_path: Path) -> None:
    other = tmp_path / "x.csv.part"
    other.write_text("kept")

    harbour("export-users", str(tmp_path / "x.csv"), *AS_ADA)

    assert (tmp_path / "x.csv").stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.glob("x.csv*")) == ["x.csv", "x.csv.part"]
    assert other.read_text() == "kept"
