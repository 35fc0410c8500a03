"""What commands, the log and /metrics tell the operator about old keys."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from api.security.encryption import AesEncryption
from models.db.database import database
from models.tables import SecondFactor, StaffMember
from tests.support.databases import Database
from tests.support.processes.commands import Shell

OLD, NEW = "a-secret-for-tests-of-32-bytes-or-more", "a-new-secret-for-tests-of-32-bytes-or-more"
LOST = "No known key opens 1 second factors. Name their key in GATEHOUSE_RETIRED_SECRET_KEYS."
FACTOR = UUID(int=1)


@pytest.fixture
def shell(closed_db: Database, tmp_path: Path) -> Shell:
    """Return a Shell that runs `gatehouse` commands with the key NEW.

    The database has one second factor, whose secret is encrypted with the key OLD.
    """
    shell = Shell({"database_url": closed_db.url, "data_dir": tmp_path / "data", "secret_key": NEW})
    shell("demo")
    asyncio.run(_enroll(closed_db.url))
    return shell


async def _enroll(url: str) -> None:
    async with database(url):
        member = await StaffMember.first()
        assert member
        await SecondFactor.create(
            id=FACTOR,
            staff_id=member.id,
            sealed_secret=AesEncryption([OLD.encode()], secrets.token_bytes).seal(b"JBSWY3DPEHPK3PXP", FACTOR),
            created_at=datetime(2026, 3, 1, tzinfo=UTC),
        )


def test_rotate_keys_seals_again_what_a_retired_key_sealed_and_can_be_repeated(shell: Shell) -> None:
    first, again = [shell("rotate-keys", retired_secret_keys=OLD) for _ in range(2)]
    without_the_old_key = shell("rotate-keys", "--json")

    assert [each.stderr.count("security.keys_changed") for each in (first, again)] == [1, 0]
    told = "Second factors sealed again: {}. Not sealed by the current key: 0.\n"
    assert [(each.exit_code, each.stdout) for each in (first, again)] == [(0, told.format(1)), (0, told.format(0))]
    assert (without_the_old_key.exit_code, json.loads(without_the_old_key.stdout)) == (
        0,
        {"resealed": 0, "unopened": 0, "waiting": 0, "unusableRecoveryCodes": 0, "recoveryCodesOfOldKeys": 0},
    )


def test_rotate_keys_says_how_many_secrets_no_known_key_opens(shell: Shell) -> None:
    result, as_json = shell("rotate-keys"), shell("rotate-keys", "--json")

    assert (result.exit_code, result.stderr) == (1, f"{LOST}\n")
    assert (as_json.exit_code, json.loads(as_json.stdout)["unopened"]) == (1, 1)


def test_the_doctor_tells_how_many_secrets_no_known_key_opens(shell: Shell) -> None:
    lost, found = shell("doctor"), shell("doctor", retired_secret_keys=OLD)

    assert (lost.exit_code, lost.stderr.splitlines()) == (1, [LOST, "1 difference."])
    assert (found.exit_code, found.output) == (0, "")


def test_the_server_tells_at_its_start_how_many_secrets_no_known_key_opens(shell: Shell, tmp_path: Path) -> None:
    with shell.serving(tmp_path) as served:
        metrics = httpx.get(f"http://127.0.0.1:{served.port}/metrics").text

    assert "unopened=1" in re.sub(r"\x1b\[\d*m", "", served.output)  # without its colours
    assert "gatehouse_unopened_second_factors 1.0" in metrics
