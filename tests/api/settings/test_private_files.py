"""Only the owner can read files with personal data or secrets, including files that existed before."""

from __future__ import annotations

import stat
import subprocess
from pathlib import Path

import pytest

from api.settings.private_files import restrict_access
from api.settings.settings import Settings
from tests.support.processes.commands import COMMAND, Shell, environment


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_database_in_a_folder_that_others_may_enter_is_its_owners_only(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o755)

    subprocess.run([*COMMAND, "migrate"], env=environment(data_dir=tmp_path / "data"), check=True, umask=0o022)

    assert {file.name: mode(file) for file in (tmp_path / "data").iterdir()} == dict.fromkeys(
        ("gatehouse.sqlite3", "secret_key"), 384
    )


@pytest.mark.parametrize("command", ["migrate", "doctor"])
def test_a_database_and_mails_that_others_can_read_are_mended_and_it_is_said(tmp_path: Path, command: str) -> None:
    shell = Shell({"data_dir": tmp_path})
    shell("migrate")
    mails = tmp_path / "mail"
    mails.mkdir(mode=0o755, exist_ok=True)
    mails.chmod(0o755)
    (mails / "1.eml").touch()
    files = [mails, mails / "1.eml", tmp_path / "gatehouse.sqlite3"]
    for file in files[1:]:
        file.chmod(0o644)

    result = shell(command)

    assert [mode(file) for file in files] == [0o700, 0o600, 0o600]
    assert result.stderr.splitlines() == [f"{file} could be read by others; now only its owner can." for file in files]


def test_a_server_mends_them_too_and_logs_it(tmp_path: Path) -> None:
    shell = Shell({"data_dir": tmp_path})
    shell("migrate")
    database = tmp_path / "gatehouse.sqlite3"
    database.chmod(0o640)

    with shell.serving(tmp_path) as served:
        assert "file.made_private" in served.output

    assert mode(database) == 0o600


def test_with_postgresql_no_file_is_looked_at(tmp_path: Path) -> None:
    assert restrict_access(Settings(data_dir=tmp_path / "none", database_url="postgres://db/x")) == []


def test_a_file_that_is_no_database_is_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("no database")
    file.chmod(0o644)

    assert restrict_access(Settings(data_dir=tmp_path, database_url=f"sqlite://{file}")) == []
    assert mode(file) == 0o644
