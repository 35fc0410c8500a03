"""The log has one line for each event, without addresses, secrets or texts of users."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
import structlog

from api.telemetry import logs
from tests.support.mail.smtp import MailServer, mail_server
from tests.support.processes.commands import PATIENCE, SIGN_IN, Served, Shell

PASSWORD = "canary-the-right-password"
WRONG = "canary-a-wrong-password"
LITERAL, VARIABLE, HEADER = "canary-literal", "canary-variable", "canary-header"
KEY = "canary-secret-key-of-at-least-32-bytes"
CALLER = "198.51.100.77"
REACHED, REFUSED = "rhea@canary.example", "rolf@canary.example"
RESETS = """
mutation Resets($ids: [ID!]!) { resetPasswords(input: { users: { ids: $ids } }) { summary { succeeded } } }
"""
ADMINS = "{ users(filter: { roleIn: [PORTAL_ADMIN] }) { nodes { id } } }"


@pytest_asyncio.fixture
async def smtp() -> AsyncIterator[MailServer]:
    async with mail_server() as running:
        running.answer(REFUSED, f"550 5.1.1 <{REFUSED}> is unknown here")
        yield running


@pytest.fixture
def shell(smtp: MailServer, tmp_path: Path) -> Shell:
    return Shell(
        {
            "env": "production",
            "allow_sqlite": True,
            "secret_key": KEY,
            "database_url": f"sqlite://{tmp_path}/db",
            "allowed_hosts": "localhost",
            "trusted_proxies": "127.0.0.1",
            "smtp_url": f"{smtp.url}?starttls=never",
            "mail_from": "Gatehouse <gate@canary.example>",
            "link_base_url": "https://front.example/links",
        }
    )


def set_up(shell: Shell) -> None:
    """Create a provider with an admin, and two portals. The mail server accepts mail to one portal's admin only."""
    password = ("--password-file", "-")
    staff = ("create-staff", "--mssp", "Example", "--email", "ada@canary.example", "--name", "Ada", *password)
    admin = ("--admin-first-name", "Ada", *password)
    portals = [
        ("create-portal", "--mssp", "Example", "--slug", slug, "--name", slug, "--admin-email", email, *admin)
        for slug, email in (("reached", REACHED), ("refused", REFUSED))
    ]
    for command in (("migrate",), ("create-mssp", "Example"), staff, *portals):
        assert shell(*command, input=PASSWORD).exit_code == 0, command


def troubled(served: Served, database: Path) -> None:
    """Cause one log line of each kind: a wrong password, a sign-in, two mails, invalid documents, an internal error."""
    wrong = served.ask(SIGN_IN, login="ada@canary.example", password=WRONG)["signIn"]
    assert [error["code"] for error in wrong["errors"]] == ["INVALID_CREDENTIALS"]
    token = served.token("ada@canary.example", PASSWORD)
    ids = [node["id"] for node in served.ask(ADMINS, token)["users"]["nodes"]]
    assert served.ask(RESETS, token, ids=ids)["resetPasswords"]["summary"] == {"succeeded": 2}
    broken(served, f'{{ users(search: "{LITERAL}", nonsense: "{LITERAL}") {{ totalCount }} }}')
    broken(served, "query ($n: Int!) { users(first: $n) { totalCount } }", n=VARIABLE)
    with closing(sqlite3.connect(database)) as other:
        other.execute("ALTER TABLE bulk_operation RENAME TO lost")
    answer = broken(
        served, f'{{ bulkOperations(first: 1) {{ totalCount }} portal(slug: "{LITERAL}") {{ id }} }}', token
    )
    assert "INTERNAL_SERVER_ERROR" in str(answer)


def broken(served: Served, document: str, token: str | None = None, **variables: object) -> Any:
    """Send a request that must fail, and return its errors.

    The request's headers contain the address CALLER, the User-Agent HEADER, and the token.
    """
    headers = {
        "x-forwarded-for": CALLER,
        "user-agent": HEADER,
        **({"authorization": f"Bearer {token}"} if token else {}),
    }
    body = {"query": document, "variables": variables}
    return httpx.post(served.address, json=body, headers=headers, timeout=PATIENCE).json()["errors"]


async def test_the_log_of_wrong_passwords_mails_and_bugs_quotes_no_user(
    shell: Shell, smtp: MailServer, tmp_path: Path
) -> None:
    await asyncio.to_thread(set_up, shell)

    with shell.serving(tmp_path) as served:
        await asyncio.to_thread(troubled, served, tmp_path / "db")
        await smtp.until(lambda: {REACHED, REFUSED} <= set(smtp.tried))
        await asyncio.to_thread(served.stop, signal.SIGTERM)

    lines = [json.loads(line) for line in served.output.splitlines() if line.startswith("{")]
    told = [line["event"] for line in lines]
    assert {"request.completed", "request.failed"} <= set(told)
    assert sorted(line["state"] for line in lines if line["event"] == "mail.result") == ["DEAD", "SENT"]
    assert [line["problem"] for line in lines if line.get("state") == "DEAD"] == ["550 5.1.1"]
    assert CALLER not in served.output
    assert [word for word in ("canary", "@", "Bearer", "eyJ", "/links?") if word in served.output] == []
    assert "lost" not in served.output


# ── what a library says ──────────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def production_log() -> Iterator[None]:
    """Configure the log as in production while the body runs, and restore it afterwards."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    logs.configure(for_people=False)
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        structlog.reset_defaults()


@pytest.mark.parametrize(
    ("said", "logged"),
    [
        ("mail for ann@example.com bounced", "mail for a…@example.com bounced"),
        ("<ann.o'brien+x@mail.example.com>: unknown", "<a…@mail.example.com>: unknown"),
        ("postgres://gate:hunter2@db/x is away", "postgres://g…@db/x is away"),
        ("élodie@exämple.fr and bob@example.com", "é…@exämple.fr and b…@example.com"),
        ("three @ five", "three @ five"),
    ],
)
def test_an_address_in_what_a_library_says_is_masked(
    capsys: pytest.CaptureFixture[str], said: str, logged: str
) -> None:
    with production_log():
        logging.getLogger("another.library").warning("%s", said)
        structlog.get_logger().warning("ours", to=[said], more={"why": said})

    theirs, ours = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert theirs["event"] == logged
    assert (ours["to"], ours["more"]) == ([logged], {"why": logged})


def test_every_event_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with production_log():
        logging.getLogger("another.library").warning("first\nsecond")
        try:
            raise ValueError("ann@example.com\nis taken")
        except ValueError:
            logging.getLogger("another.library").exception("it failed")

    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["event"] for line in lines] == ["first\nsecond", "it failed"]
    assert lines[1]["exception"] == "builtins.ValueError"
    assert "taken" not in str(lines)
