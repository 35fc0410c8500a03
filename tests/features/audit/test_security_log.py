"""Security events: one line and one count for each, with account, tenant, session, network and request."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from rules.security_events import DESCRIPTIONS, SecurityEvent
from tests.support.processes.commands import ROOT
from tests.support.world import PASSWORD, Ask, Person, TestClock, World

SIGN_IN = """mutation ($login: String!, $password: String!, $slug: String) {
  signIn(input: {login: $login, password: $password, portalSlug: $slug}) {
    session { refreshToken accessToken } errors { code }
  }
}"""


REFRESH = """mutation ($refresh: String!) {
  refreshSession(input: {refreshToken: $refresh}) { session { refreshToken } errors { code } }
}"""


@pytest.fixture
def lines() -> Iterator[list[dict[str, Any]]]:
    """Capture the log. The list gets each line that is logged during the test."""
    with capture_logs() as captured:
        yield captured  # type: ignore[misc]  # structlog's lines are mutable mappings


def events(lines: list[dict[str, Any]], event: SecurityEvent) -> list[dict[str, Any]]:
    return [line for line in lines if line["event"] == event.value]


async def sign_in(ask: Ask, person: Person, password: str = PASSWORD) -> Any:
    slug = person.portal.slug if person.portal else None
    return (await ask(SIGN_IN, login=person.login, password=password, slug=slug)).data["signIn"]


async def test_a_sign_in_is_logged_with_account_tenant_session_and_request(
    world: World, ask: Ask, lines: list[dict[str, Any]]
) -> None:
    user = await world.user(password=PASSWORD)

    await sign_in(ask, user)

    (line,) = events(lines, SecurityEvent.SIGNED_IN)
    assert user.portal
    assert (line["account_id"], line["portal_id"]) == (str(user.id), str(user.portal.id))
    assert {"mssp_id", "session_id", "network", "request_id"} <= line.keys()
    assert line["log_level"] == "info"


async def test_no_line_holds_a_secret_or_an_address(world: World, ask: Ask, lines: list[dict[str, Any]]) -> None:
    user = await world.user(password=PASSWORD)

    session = (await sign_in(ask, user))["session"]
    await sign_in(ask, user, "a wrong password of many words")

    told = repr(lines)
    secrets = (PASSWORD, "a wrong password", session["refreshToken"], session["accessToken"], user.login)
    assert [secret for secret in secrets if secret in told] == []


async def test_a_failed_sign_in_is_logged_with_the_account_if_there_is_one(
    world: World, ask: Ask, lines: list[dict[str, Any]]
) -> None:
    user, admin = await world.user(password=PASSWORD), await world.mssp_admin(password=PASSWORD)

    await sign_in(ask, user, "wrong wrong wrong")
    await sign_in(ask, admin, "wrong wrong wrong")
    await ask(SIGN_IN, login="unknown@example.test", password="wrong wrong wrong", slug=None)

    accounts = [line.get("account_id") for line in events(lines, SecurityEvent.SIGN_IN_FAILED)]
    assert accounts == [str(user.id), str(admin.id), None]


async def test_the_failure_that_locks_an_account_is_logged_once(
    world: World, ask: Ask, lines: list[dict[str, Any]]
) -> None:
    user = await world.user(await world.portal(lockout_threshold=3), password=PASSWORD)

    for _ in range(5):
        await sign_in(ask, user, "wrong wrong wrong")

    (line,) = events(lines, SecurityEvent.LOCKED_OUT)
    assert line["account_id"] == str(user.id)
    assert len(events(lines, SecurityEvent.SIGN_IN_FAILED)) == 5


async def test_a_copied_refresh_token_is_logged(
    world: World, ask: Ask, clock: TestClock, lines: list[dict[str, Any]]
) -> None:
    user = await world.user(password=PASSWORD)
    first = (await sign_in(ask, user))["session"]["refreshToken"]
    token = first
    for _ in range(2):
        clock.advance(timedelta(minutes=5))
        answer = (await ask(REFRESH, refresh=token)).data["refreshSession"]
        token = answer["session"]["refreshToken"]

    await ask(REFRESH, refresh=first)

    (line,) = events(lines, SecurityEvent.REFRESH_TOKEN_REUSED)
    assert line["account_id"] == str(user.id)


async def test_a_refresh_is_not_logged_as_a_sign_in(
    world: World, ask: Ask, clock: TestClock, lines: list[dict[str, Any]]
) -> None:
    user = await world.user(password=PASSWORD)
    token = (await sign_in(ask, user))["session"]["refreshToken"]
    clock.advance(timedelta(minutes=5))

    answer = (await ask(REFRESH, refresh=token)).data["refreshSession"]

    assert answer["session"]
    assert len(events(lines, SecurityEvent.SIGNED_IN)) == 1


async def test_a_refused_token_is_logged(ask: Ask, lines: list[dict[str, Any]]) -> None:
    await ask("{ viewer { id } }", token="forged.token.here")

    (line,) = events(lines, SecurityEvent.TOKEN_REFUSED)
    assert "account_id" not in line
    assert line["log_level"] == "warning"


async def test_a_call_that_the_role_may_not_make_is_logged(world: World, ask: Ask, lines: list[dict[str, Any]]) -> None:
    user, other = await world.user(), await world.user()

    await ask.act("lockUsers", user, other)

    (line,) = events(lines, SecurityEvent.ACCESS_DENIED)
    assert (line["account_id"], line["what"]) == (str(user.id), "lockUsers")


async def test_changes_by_admins_and_owners_are_logged(world: World, ask: Ask, lines: list[dict[str, Any]]) -> None:
    admin, user = await world.portal_admin(), await world.user()

    await ask.act("lockUsers", admin, user)
    await ask("mutation { signOut(input: {}) { errors { code } } }", actor=admin)

    (managed,), (own,) = events(lines, SecurityEvent.MANAGED), events(lines, SecurityEvent.ACCOUNT_CHANGED)
    assert (managed["what"], own["what"]) == ("lockUsers", "signOut")
    assert managed["account_id"] == own["account_id"] == str(admin.id)


async def test_a_refusal_as_data_stands_in_the_line_of_its_request(ask: Ask, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)  # requests are logged at this level only
    with capture_logs() as captured:
        await ask(SIGN_IN, login="ada@example.test", password="wrong wrong wrong", slug=None)

    (line,) = [line for line in captured if line["event"] == "request.completed"]
    assert line["refusals"] == ["signIn:INVALID_CREDENTIALS"]


def test_every_event_is_described_here_and_in_the_manual() -> None:
    manual = (ROOT / "docs" / "operator.md").read_text()

    assert set(DESCRIPTIONS) == set(SecurityEvent)
    assert [
        event.value for event in SecurityEvent if f"| `{event.value}` | {DESCRIPTIONS[event]} |" not in manual
    ] == []
