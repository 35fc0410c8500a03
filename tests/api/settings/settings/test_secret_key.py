"""The secret key: how it is made, stored and refused."""

from __future__ import annotations

import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from api.settings.settings import Settings, load
from api.settings.settings_errors import SettingsError
from tests.api.settings.settings.reading import SECRET, fault


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_directory_and_the_secret_are_their_owners_only(tmp_path: Path) -> None:
    load()

    assert mode(tmp_path / "data") == 0o700
    assert mode(tmp_path / "data" / "secret_key") == 0o600
    assert [file.name for file in (tmp_path / "data").iterdir()] == ["secret_key"]


def test_the_generated_secret_is_kept() -> None:
    assert load().secret == load().secret


def test_every_installation_has_a_secret_of_its_own(tmp_path: Path) -> None:
    assert load(data_dir=tmp_path / "one").secret != load(data_dir=tmp_path / "other").secret


def test_threads_that_start_at_once_agree_on_the_secret() -> None:
    start = threading.Barrier(16)
    seen: list[bytes] = []

    def begin() -> None:
        start.wait()
        seen.append(load().secret)

    threads = [threading.Thread(target=begin) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(seen) == 16
    assert len(set(seen)) == 1


def test_servers_that_start_at_once_agree_on_the_secret(tmp_path: Path) -> None:
    # Each waits for a line, so that none is done before the last has started.
    script = (
        "from api.settings.settings import load; print('ready', flush=True); input(); print(load().secret.decode())"
    )
    root = Path(__file__).parents[4]
    servers = [
        subprocess.Popen(
            [sys.executable, "-c", script],
            cwd=tmp_path,
            env={"PYTHONPATH": str(root)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for server in servers:
        assert server.stdout is not None
        assert server.stdout.readline() == "ready\n"
    for server in servers:
        assert server.stdin is not None
        server.stdin.write("\n")
        server.stdin.flush()
    secrets = {server.communicate()[0] for server in servers}

    assert len(secrets) == 1
    assert len(secrets.pop().strip()) >= 32


def test_a_given_secret_is_not_written_down(tmp_path: Path) -> None:
    load(secret_key=SECRET)

    assert list((tmp_path / "data").iterdir()) == []


def test_with_postgresql_and_a_given_secret_the_disk_is_not_touched(tmp_path: Path) -> None:
    load(secret_key=SECRET, database_url="postgresql://db/gatehouse")

    assert list(tmp_path.iterdir()) == []


def test_in_production_the_secret_must_be_given() -> None:
    assert fault(env="production") == (
        "GATEHOUSE_SECRET_KEY must be set in production; make one with: openssl rand -base64 48"
    )


def test_a_kept_secret_is_not_used_in_production() -> None:
    load()

    assert "must be set in production" in fault(env="production")


def test_a_secret_that_others_can_read_is_refused(tmp_path: Path) -> None:
    load()
    file = tmp_path / "data" / "secret_key"
    file.chmod(0o644)

    assert fault() == f"{file} can be read by others: chmod 600 {file}"


@pytest.mark.parametrize("content", [b"", b"too short\n", b"\xff" * 64])
def test_a_damaged_secret_file_is_refused(tmp_path: Path, content: bytes) -> None:
    load()
    (tmp_path / "data" / "secret_key").write_bytes(content)

    assert "does not hold a secret key" in fault()


def test_settings_that_were_not_loaded_have_no_secret() -> None:
    with pytest.raises(SettingsError, match="GATEHOUSE_SECRET_KEY is not set"):
        _ = Settings().secret
