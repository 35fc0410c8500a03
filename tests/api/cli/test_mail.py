"""`gatehouse housekeeping` and `gatehouse mail`: what an operator sees, and what a script reads."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from uuid import UUID

import pytest

from api.core.clock import Clock
from models.db.database import database
from models.housekeeping import leases
from rules.housekeeping import Task
from services.housekeeping.run import LEASE, NAME
from tests.api.cli.shells import rows
from tests.support.databases import Database
from tests.support.processes.commands import Shell

LONG_AGO = "2020-01-01 00:00:00+00:00"
MAIL = "0190a000-0000-7000-8000-00000000000{}"


@pytest.fixture
def shell(closed_db: Database, tmp_path: Path) -> Shell:
    """Return a Shell that runs `gatehouse` commands on a database with the demo data.

    Three users of the portal acme have been idle since 2020.
    """
    shell = Shell({"database_url": closed_db.url, "data_dir": tmp_path / "data"})
    shell("demo")
    idle = "SELECT id FROM portal_user WHERE status = 'ACTIVE' AND role = 'PORTAL_USER' ORDER BY id LIMIT 3"
    rows(shell, f"UPDATE portal_user SET idle_since = '{LONG_AGO}', idle_warned_at = '{LONG_AGO}' WHERE id IN ({idle})")
    return shell


def dead_letter(shell: Shell, number: int, kind: str, link: str = "NULL") -> str:
    """Insert a mail in the state DEAD to the demo's user `user@acme.test`, and return the mail's id.

    `link` is the SQL expression for the column `link_id`.
    """
    id = MAIL.format(number)
    columns = (
        "id, portal_id, user_id, link_id, kind, recipient, dedupe_key, state, created_at, due_at, attempts, problem"
    )
    user = "SELECT portal_id FROM portal_user WHERE username = 'user@acme.test'"
    rows(
        shell,
        f"INSERT INTO outbox_mail ({columns}) SELECT '{id}', ({user}), u.id, {link}, '{kind}', 'user@acme.test',"
        f" '{number}', 'DEAD', '{LONG_AGO}', '{LONG_AGO}', 12, 'refused-550' FROM portal_user u"
        " WHERE u.username = 'user@acme.test'",
    )
    return id


def test_a_dry_run_tells_the_numbers_and_does_nothing(shell: Shell) -> None:  # T10
    for_people, for_scripts = shell("housekeeping", "--dry-run"), shell("housekeeping", "--dry-run", "--json")

    assert (for_people.exit_code, for_people.stdout) == (0, "There is to do:\n        3  users suspended as idle\n")
    told = json.loads(for_scripts.stdout)
    assert (told["ran"], told["tasks"]["idleSuspended"]) == (False, 3)
    assert list(told["tasks"]) == list(Task)
    assert rows(shell, "SELECT COUNT(*) AS n FROM audit_event") == [{"n": 0}]
    assert rows(shell, "SELECT COUNT(*) AS n FROM lease") == [{"n": 0}]


def test_a_run_does_it_once(shell: Shell) -> None:  # T10
    first, again = shell("housekeeping"), shell("housekeeping", "--json")

    done = "Done:\n        3  users suspended as idle\n        1  signed checkpoints of the audit log\n"
    assert (first.exit_code, first.stdout) == (0, done)
    assert json.loads(again.stdout) == {"ran": True, "tasks": dict.fromkeys(Task, 0), "failed": {}, "held": {}}
    assert shell("housekeeping").stdout == "There is nothing to do.\n"
    assert shell("doctor").exit_code == 0


def test_a_task_that_fails_is_named_and_the_command_exits_1(shell: Shell) -> None:
    rows(shell, "DROP TABLE recipient_mail")

    result, as_json = shell("housekeeping"), shell("housekeeping", "--json")

    assert (result.exit_code, as_json.exit_code) == (1, 1)
    assert "3  users suspended as idle" in result.stdout
    assert "mailCountsDropped failed" in result.stderr
    assert list(json.loads(as_json.stdout)["failed"]) == ["mailCountsDropped"]


def test_nothing_is_done_while_another_process_is_at_it(shell: Shell) -> None:
    async def hold() -> None:
        async with database(str(shell.settings["database_url"])):
            now = Clock().now()
            await leases.take(NAME, UUID(int=1), now, now + LEASE)

    asyncio.run(hold())

    result, as_json = shell("housekeeping"), shell("housekeeping", "--json")

    assert (result.exit_code, result.stdout) == (0, "Another process is at it just now. Nothing was done.\n")
    assert json.loads(as_json.stdout) == {"ran": False, "tasks": {}, "failed": {}, "held": {}}


def test_the_demo_as_it_is_loaded_needs_no_housekeeping(shell: Shell) -> None:
    rows(
        shell,
        "UPDATE portal_user SET idle_since = (SELECT MAX(modified_at) FROM portal_user) WHERE idle_since < '2021-01-01'",
    )

    assert shell("housekeeping", "--dry-run").stdout == "There is nothing to do.\n"


def test_mail_is_listed_without_readable_recipients(shell: Shell) -> None:
    assert shell("mail", "list").stdout == "No mail is dead.\n"
    id = dead_letter(shell, 1, "PASSWORD_CHANGED")

    for_people, for_scripts = shell("mail", "list", "--state", "dead"), shell("mail", "list", "--json")

    assert id in for_people.stdout
    assert "u…@acme.test" in for_people.stdout
    assert "user@acme.test" not in for_people.stdout + for_scripts.stdout
    (mail,) = json.loads(for_scripts.stdout)["mails"]
    assert {name: mail[name] for name in ("id", "kind", "state", "attempts", "problem", "createdAt")} == {
        **{"id": id, "kind": "PASSWORD_CHANGED", "state": "DEAD", "attempts": 12, "problem": "refused-550"},
        "createdAt": "2020-01-01T00:00:00Z",
    }
    assert json.loads(shell("mail", "list", "--state", "cancelled", "--json").stdout) == {"mails": []}


def test_dead_letters_are_sent_again_but_not_those_whose_link_is_dead(shell: Shell) -> None:
    notice, with_link = dead_letter(shell, 1, "PASSWORD_CHANGED"), dead_letter(shell, 2, "PASSWORD_RESET")

    result = shell("mail", "retry", "--all")
    named = shell("mail", "retry", notice, MAIL.format(9), "--json")

    assert (result.exit_code, result.stdout) == (
        1,
        f"{with_link} stays as it is: its link is dead: send the user a new one instead.\n1 mail is queued again.\n",
    )
    assert json.loads(named.stdout)["mails"] == [
        {"id": notice, "result": "NOT_DEAD"},
        {"id": MAIL.format(9), "result": "UNKNOWN"},
    ]
    assert rows(shell, f"SELECT state FROM outbox_mail WHERE id = '{notice}'") == [{"state": "QUEUED"}]


@pytest.mark.parametrize("arguments", [(), (MAIL.format(1), "--all"), ("no id",)])
def test_which_mail_is_to_be_sent_again_must_be_said(shell: Shell, arguments: tuple[str, ...]) -> None:
    result = shell("mail", "retry", *arguments)

    assert (result.exit_code, result.stdout) == (2, "")
