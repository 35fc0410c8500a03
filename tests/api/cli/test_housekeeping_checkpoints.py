"""`gatehouse checkpoint` signs the audit logs. `gatehouse doctor` compares the logs with the signed checkpoints."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.api.cli.shells import rows
from tests.support.processes.commands import Shell


def without_triggers(shell: Shell) -> None:
    """Drop the triggers that protect the audit log from changes, as an attacker with the tables' owner could."""
    is_postgres = "sqlite" not in str(shell.settings["database_url"])
    for table, name in (
        ("event", "update"),
        ("chain", "update"),
        ("checkpoint", "change" if is_postgres else "delete"),
    ):
        rows(shell, f"DROP TRIGGER audit_{table}_{name}" + (f" ON audit_{table}" if is_postgres else ""))


@pytest.fixture
def kept(shell: Shell, tmp_path: Path) -> Path:
    """Return a file with the checkpoints of a database that has one MSSP."""
    shell("create-mssp", "Example")
    file = tmp_path / "checkpoints.txt"
    file.write_text(shell("checkpoint").stdout)
    return file


def test_each_chain_that_has_grown_is_signed_once(shell: Shell) -> None:
    shell("create-mssp", "Example")

    first, again = shell("checkpoint"), shell("checkpoint")
    shell("create-mssp", "Another")
    third = shell("checkpoint", "--json")

    assert [(each.exit_code, each.stdout.count("audit-checkpoint 1 chain=")) for each in (first, again)] == [
        (0, 1),
        (0, 0),
    ]
    answer = json.loads(third.stdout)
    assert (len(answer["checkpoints"]), answer["broken"]) == (1, 0)


def test_the_doctor_compares_the_log_with_checkpoints_kept_elsewhere(shell: Shell, kept: Path) -> None:
    well = shell("doctor", "--checkpoints", str(kept))
    rows(shell, "DELETE FROM mssp")

    gone = shell("doctor", "--checkpoints", str(kept))
    from_standard_input = shell("doctor", "--checkpoints", "-", input=kept.read_bytes())
    without = shell("doctor")

    assert (well.exit_code, well.output) == (0, "")
    assert (gone.exit_code, gone.stderr.count("by a given checkpoint: NO_CHAIN")) == (1, 1)
    assert from_standard_input.stderr == gone.stderr
    assert (without.exit_code, without.output) == (0, "")


@pytest.mark.usefixtures("kept")
def test_a_changed_event_is_a_difference(shell: Shell) -> None:
    without_triggers(shell)
    rows(shell, "UPDATE audit_event SET event = 'mssp.policy_changed'")

    doctor, as_json = shell("doctor"), shell("doctor", "--json")

    assert doctor.exit_code == 1
    assert doctor.stderr.startswith("audit log of MSSP Example, event ")
    assert doctor.stderr.endswith(
        ", number 1: CHANGED: a column was changed after the event was written\n1 difference.\n"
    )
    assert json.loads(as_json.stdout)["differences"] == doctor.stderr.splitlines()[:-1]


def test_a_log_with_a_fault_since_its_last_checkpoint_is_not_signed(shell: Shell) -> None:
    shell("create-mssp", "Example")
    without_triggers(shell)
    rows(shell, "UPDATE audit_event SET event = 'mssp.policy_changed'")

    result = shell("checkpoint", "--json")

    assert (result.exit_code, json.loads(result.stdout)) == (1, {"checkpoints": [], "broken": 1})
    assert "security.audit_chain_broken" in result.stderr
    assert result.stderr.endswith("Audit logs with a fault, which were not signed: 1. Run: gatehouse doctor\n")


@pytest.mark.usefixtures("kept")
def test_events_from_before_a_chain_are_a_note_and_no_difference(shell: Shell) -> None:
    without_triggers(shell)
    rows(shell, "UPDATE audit_event SET sequence = NULL, hash = NULL")
    rows(shell, f"UPDATE audit_chain SET sequence = 0, hash = '{'0' * 64}', earlier = 1")
    rows(shell, "DELETE FROM audit_checkpoint")

    result, as_json = shell("doctor"), shell("doctor", "--json")

    note = "audit log of MSSP Example: 1 events are from before its chain, and no hash covers them"
    assert (result.exit_code, result.stdout, result.stderr) == (0, f"{note}\n", "")
    assert json.loads(as_json.stdout) == {"differences": [], "notes": [note]}
