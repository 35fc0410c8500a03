"""Mail in development: files that only their owner reads, and a page that shows them on this machine only."""

from __future__ import annotations

import re
import stat
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from pydantic import SecretStr
from starlette.applications import Starlette

from api import app as server
from api.mail.dev_mailbox import MOST_SHOWN, DevMail, FileTransport
from api.mail.rendering import Envelope
from api.parts import make_parts
from api.settings.settings import Settings
from rules.mail.kinds import MailKind
from tests.api.mail.letters import NOW, TOKEN, claimed
from tests.support.mail.sending import letters, post, send_all
from tests.support.world import TestClock, World

HOME = "http://127.0.0.1:8000"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "mail"


@pytest_asyncio.fixture
async def browser(folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(Starlette(routes=DevMail(folder).routes))
    async with httpx.AsyncClient(transport=transport, base_url=HOME) as client:
        yield client


def envelope(file: str = "1", **given: Any) -> Envelope:
    return replace(letters().render(claimed(**given), NOW), name=file)


def files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def policy(response: httpx.Response) -> dict[str, str]:
    directives = (part.strip().partition(" ") for part in response.headers["content-security-policy"].split(";"))
    return {name: value for name, _, value in directives}


async def test_a_mail_becomes_a_file_for_its_owner_only(folder: Path) -> None:
    mail = envelope()

    await FileTransport(folder).send(mail)

    (file,) = files(folder)
    assert (file.name, file.read_bytes()) == ("1.eml", mail.content)
    assert (mode(folder), mode(file)) == (0o700, 0o600)


async def test_a_mail_that_is_sent_again_replaces_itself(folder: Path) -> None:
    for portal in ("Old", "New"):
        await FileTransport(folder).send(envelope(portal=portal))

    (file,) = files(folder)
    assert b"Invitation to New" in file.read_bytes()


async def test_files_sort_by_the_time_at_which_their_mails_were_queued(
    world: World, clock: TestClock, folder: Path
) -> None:
    people = await world.users(3)
    for person in people:
        await post(world, person)
        clock.advance(timedelta(minutes=61))

    await send_all(world, FileTransport(folder))

    mails = [file.read_bytes() for file in files(folder)]
    addresses = [re.findall(rb"^To: (\S+)", mail, re.MULTILINE)[0].decode() for mail in mails]
    assert addresses == [f"{person.login}@portal-1.test" for person in people]
    assert files(folder)[0].name.startswith("2026-03-01T09-00-00Z-")


async def test_the_page_shows_the_newest_first_with_links_that_can_be_clicked(
    folder: Path, browser: httpx.AsyncClient
) -> None:
    await FileTransport(folder).send(envelope("1", to="ann@acme.test"))
    await FileTransport(folder).send(envelope("2", to="bob@acme.test", kind=MailKind.PASSWORD_RESET))

    page = (await browser.get("/dev/mail")).text

    assert page.index("bob@acme.test") < page.index("ann@acme.test")
    assert page.index("Set a new password for Acme") < page.index("Invitation to Acme")
    assert "The link works once, until 8 March 2026, 09:00 UTC." in page
    link = f"https://front.test/links/reset-password#token={TOKEN}"
    assert f'<a href="{link}" target="_blank" rel="noreferrer">{link}</a>' in page
    assert '<iframe src="/dev/mail/2" sandbox="allow-popups allow-popups-to-escape-sandbox"' in page


async def test_a_mail_s_html_is_shown_unchanged_without_scripts_with_links_in_new_tabs(
    folder: Path, browser: httpx.AsyncClient
) -> None:
    await FileTransport(folder).send(envelope())

    shown = await browser.get("/dev/mail/1")

    assert shown.text.startswith('<base target="_blank"><!doctype html>')
    assert f'href="https://front.test/links/invitation#token={TOKEN}"' in shown.text
    assert policy(shown)["default-src"] == "'none'"
    assert policy(shown)["sandbox"] == "allow-popups allow-popups-to-escape-sandbox"
    assert policy(shown)["frame-ancestors"] == "'self'"
    assert "script-src" not in policy(shown)


async def test_the_page_runs_no_script_and_loads_nothing_from_elsewhere(
    folder: Path, browser: httpx.AsyncClient
) -> None:
    await FileTransport(folder).send(envelope())

    first, second = await browser.get("/dev/mail"), await browser.get("/dev/mail")

    directives = policy(first)
    nonce = directives.pop("style-src").removeprefix("'nonce-").removesuffix("'")
    assert directives == {
        "default-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
        "frame-src": "'self'",
    }
    assert f'<style nonce="{nonce}">' in first.text
    assert nonce not in second.text
    assert "<script" not in first.text
    for name, value in {
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
    }.items():
        assert first.headers[name] == value


async def test_markup_in_a_mail_is_text_on_the_page(folder: Path, browser: httpx.AsyncClient) -> None:
    await FileTransport(folder).send(
        envelope(portal="<script>alert(1)</script>", name='"><img src=x onerror=alert(1)> http://x.test/"onclick="y')
    )

    page = (await browser.get("/dev/mail")).text

    assert not re.search(r"<(script|img)\b", page)
    assert ' onclick="y' not in page
    assert "<script>alert(1)</script>" in unescape(page)


async def test_without_mails_the_page_says_so_and_where_they_would_be(folder: Path, browser: httpx.AsyncClient) -> None:
    page = await browser.get("/dev/mail")

    assert page.status_code == 200
    assert "There is none yet." in page.text
    assert str(folder) in page.text


async def test_the_page_stays_readable_however_many_mails_there_are(folder: Path, browser: httpx.AsyncClient) -> None:
    mail = envelope()
    for number in range(MOST_SHOWN + 5):
        await FileTransport(folder).send(replace(mail, name=f"{number:03}"))

    page = (await browser.get("/dev/mail")).text

    assert page.count("<article>") == MOST_SHOWN
    assert "/dev/mail/104" in page
    assert "/dev/mail/004" not in page


async def test_a_file_that_is_no_mail_does_not_break_the_page(folder: Path, browser: httpx.AsyncClient) -> None:
    await FileTransport(folder).send(envelope("1"))
    (folder / "2.eml").write_bytes(b"\xff\x00 nothing of the kind")

    page = await browser.get("/dev/mail")

    assert page.status_code == 200
    assert (await browser.get("/dev/mail/2")).status_code == 200
    assert page.text.count("<article>") == 2


@pytest.mark.parametrize("name", ["2", "..%2F..%2Fsecret", "..%2Fsecret", ".1", "%00"])
async def test_only_mails_are_served(folder: Path, browser: httpx.AsyncClient, name: str) -> None:
    await FileTransport(folder).send(envelope())
    (folder.parent / "secret.eml").write_text("secret")

    assert (await browser.get(f"/dev/mail/{name}")).status_code == 404


@pytest.mark.parametrize("path", ["/dev/mail", "/dev/mail/1"])
@pytest.mark.parametrize(
    "headers", [{"host": "evil.test"}, {"host": "127.0.0.1.evil.test:8000"}, {"sec-fetch-site": "cross-site"}]
)
async def test_the_mails_are_shown_on_this_machine_only(
    folder: Path, browser: httpx.AsyncClient, path: str, headers: dict[str, str]
) -> None:
    await FileTransport(folder).send(envelope())

    answer = await browser.get(path, headers=headers)

    assert answer.status_code == 403
    assert TOKEN not in answer.text


@pytest.mark.parametrize(
    ("settings", "status"),
    [
        ({}, 200),
        ({"smtp_url": "smtp://mail.test"}, 404),
        ({"env": "production", "database_url": "postgres://db/gatehouse", "allowed_hosts": ("127.0.0.1",)}, 404),
    ],
)
async def test_the_page_is_there_in_development_without_a_mail_server_and_nowhere_else(
    tmp_path: Path, settings: dict[str, Any], status: int
) -> None:
    parts = make_parts(Settings(secret_key=SecretStr("s" * 32), data_dir=tmp_path, **settings))
    transport = httpx.ASGITransport(server.app(parts))

    async with httpx.AsyncClient(transport=transport, base_url=HOME) as client:
        answer = await client.get("/dev/mail")

    parts.close()
    assert answer.status_code == status
