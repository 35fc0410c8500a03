"""Sessions: prolonged by refresh tokens, listed by their owner, ended one by one or all at once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from models.tables import AccountSession, OutboxMail, PortalUser, StaffMember
from rules.housekeeping import MOST_SESSIONS
from rules.lifecycle.statuses import Status
from services.auth.sessions import IDLE, LONGEST, MINIMUM_AGE
from tests.support.answers import sign_in
from tests.support.places import ELSEWHERE, calling_from
from tests.support.stored import everything, places_of
from tests.support.world import PASSWORD, Ask, Person, TestClock, World

REFRESH = """
mutation ($input: RefreshSessionInput!) {
  refreshSession(input: $input) {
    session { accessToken refreshToken viewer { id } } mfaChallenge { expiresAt } passwordChange { expiresAt }
    blockers errors { code path }
  }
}
"""
SIGN_OUT = "mutation ($input: SignOutInput!) { signOut(input: $input) { account { id } errors { code path } } }"
SESSIONS = "{ viewer { sessions { id createdAt lastUsedAt userAgent ipAddress isCurrent } } }"
WHO = "{ viewer { name } }"
COOKIE = "__Host-gatehouse-refresh"
IN_A_COOKIE = {"gatehouse-refresh": "cookie"}


async def signed_in(ask: Ask, person: Person) -> Any:
    """A new session's accessToken and refreshToken."""
    return (await sign_in(ask, person.login, PASSWORD, person.portal.slug if person.portal else None))["session"]


async def refreshed(ask: Ask, token: str | None) -> Any:
    """The session that a refresh gave; the codes where it gave none."""
    reply = await ask(REFRESH, input={"refreshToken": token} if token else {})
    assert not reply.errors, reply.errors
    payload = reply.data["refreshSession"]
    return payload["session"] or [error["code"] for error in payload["errors"]]


async def somebody(world: World, kind: str) -> Person:
    return await (world.mssp_admin(password=PASSWORD) if kind == "staff" else world.user(password=PASSWORD))


@pytest.mark.parametrize("kind", ["user", "staff"])
async def test_a_refresh_gives_new_tokens_and_uses_the_old_one_up(
    world: World, ask: Ask, clock: TestClock, kind: str
) -> None:
    bob = await somebody(world, kind)
    first = await signed_in(ask, bob)
    clock.advance(timedelta(minutes=16))

    second = await refreshed(ask, first["refreshToken"])

    assert (await ask(WHO, token=first["accessToken"])).unauthenticated
    assert (await ask(WHO, token=second["accessToken"])).data["viewer"]
    assert second["viewer"]["id"] == bob.gid
    assert second["refreshToken"] not in (None, first["refreshToken"])
    assert await AccountSession.all().count() == 1


async def test_two_tabs_within_half_a_minute_get_the_same_successor(world: World, ask: Ask, clock: TestClock) -> None:
    first = (await signed_in(ask, await world.user(password=PASSWORD)))["refreshToken"]
    second = (await refreshed(ask, first))["refreshToken"]

    clock.advance(MINIMUM_AGE - timedelta(milliseconds=1))
    again = (await refreshed(ask, first))["refreshToken"]

    assert again == second


async def test_a_token_younger_than_half_a_minute_is_answered_again(world: World, ask: Ask, clock: TestClock) -> None:
    first = (await signed_in(ask, await world.user(password=PASSWORD)))["refreshToken"]
    second = (await refreshed(ask, first))["refreshToken"]

    clock.advance(MINIMUM_AGE - timedelta(milliseconds=1))
    young = (await refreshed(ask, second))["refreshToken"]
    clock.advance(timedelta(milliseconds=1))
    old = (await refreshed(ask, second))["refreshToken"]

    assert young == second
    assert old != second


async def test_a_session_s_refreshes_leave_no_rows(world: World, ask: Ask, clock: TestClock) -> None:
    token = (await signed_in(ask, await world.user(password=PASSWORD)))["refreshToken"]
    before = {table: len(rows) for table, rows in (await everything()).items()}

    for _ in range(40):
        clock.advance(MINIMUM_AGE)
        token = (await refreshed(ask, token))["refreshToken"]

    assert {table: len(rows) for table, rows in (await everything()).items()} == before


@pytest.mark.parametrize("away", [MINIMUM_AGE, timedelta(hours=11)])
async def test_a_session_goes_on_after_answers_were_lost(
    world: World, ask: Ask, clock: TestClock, away: timedelta
) -> None:
    first = (await signed_in(ask, await world.user(password=PASSWORD)))["refreshToken"]
    for _ in range(3):
        await refreshed(ask, first)  # no answer arrives
        clock.advance(away)

    arrived = await refreshed(ask, first)
    clock.advance(away)

    assert (await refreshed(ask, arrived["refreshToken"]))["viewer"]
    assert not await OutboxMail.exists()


async def test_a_copied_token_is_found_out_when_the_thief_refreshes_after_the_owner(
    world: World, ask: Ask, clock: TestClock
) -> None:
    copied = (await signed_in(ask, await world.user(password=PASSWORD)))["refreshToken"]
    thief = (await refreshed(ask, copied))["refreshToken"]
    clock.advance(timedelta(minutes=15))
    owner = (await refreshed(ask, copied))["refreshToken"]

    answers = [await refreshed(ask, thief), await refreshed(ask, owner)]

    assert answers == [["INVALID_TOKEN"]] * 2
    assert [mail.kind for mail in await OutboxMail.all()] == ["SESSION_COPIED"]


async def test_a_session_of_another_clock_is_refreshed_as_by_its_own(world: World, ask: Ask, clock: TestClock) -> None:
    first = (await signed_in(ask, await world.user(password=PASSWORD)))["refreshToken"]
    second = (await refreshed(ask, first))["refreshToken"]

    clock.advance(-timedelta(seconds=5))
    beside = (await refreshed(ask, first))["refreshToken"]
    clock.advance(-timedelta(hours=1))
    third = (await refreshed(ask, second))["refreshToken"]

    assert beside == second
    assert third not in (first, second)


@pytest.mark.parametrize("kind", ["user", "staff"])
async def test_the_twenty_first_session_ends_the_oldest(world: World, ask: Ask, clock: TestClock, kind: str) -> None:
    bob = await somebody(world, kind)
    first = await signed_in(ask, bob)
    others = []
    for _ in range(MOST_SESSIONS):
        clock.advance(timedelta(minutes=5))
        others.append(await world.token(bob))

    assert (await ask(WHO, token=first["accessToken"])).unauthenticated
    assert await refreshed(ask, first["refreshToken"]) == ["INVALID_TOKEN"]
    assert await AccountSession.filter(revoked_at=None).count() == MOST_SESSIONS
    assert (await ask(WHO, token=others[-1])).data["viewer"]


async def test_a_session_begun_by_a_clock_set_back_is_not_the_one_that_ends(
    world: World, ask: Ask, clock: TestClock
) -> None:
    bob = await world.user()
    for _ in range(MOST_SESSIONS):
        await world.token(bob)
    clock.advance(-timedelta(minutes=10))

    newest = await world.token(bob)

    assert (await ask(WHO, token=newest)).data["viewer"]
    assert await AccountSession.filter(revoked_at=None).count() == MOST_SESSIONS


async def test_a_refresh_is_a_sign_of_life_noted_once_a_day(world: World, ask: Ask, clock: TestClock) -> None:
    bob = await world.user(password=PASSWORD)
    begun = clock.now()
    token, noted = (await signed_in(ask, bob))["refreshToken"], []
    await PortalUser.filter(id=bob.id).update(idle_warned_at=begun)

    for _ in range(4):
        clock.advance(timedelta(hours=8))
        token = (await refreshed(ask, token))["refreshToken"]
        user = await PortalUser.get(id=bob.id)
        noted.append((user.idle_since, user.idle_warned_at))

    a_day_later = begun + timedelta(days=1)
    assert noted == [(begun, begun), (begun, begun), (a_day_later, None), (a_day_later, None)]


async def test_whoever_is_signed_in_stays_so_whatever_others_of_the_network_do(world: World, ask: Ask) -> None:
    bob = await world.user(password=PASSWORD)
    token = (await signed_in(ask, bob))["refreshToken"]
    asked = "mutation ($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { errors { code } } }"
    for n in range(101):
        await refreshed(ask, f"dead {n}")
        last = await ask(asked, input={"email": f"nobody.{n}@acme.test"})

    assert last.data["requestPasswordReset"]["errors"] == [{"code": "RATE_LIMITED"}]
    assert (await refreshed(ask, token))["refreshToken"]
    assert await signed_in(ask, bob)


@pytest.mark.parametrize("kind", ["user", "staff"])
async def test_a_token_replaced_twice_ends_its_session_and_mails_the_owner(
    world: World, ask: Ask, clock: TestClock, kind: str
) -> None:
    bob = await somebody(world, kind)
    other = await signed_in(ask, bob)
    first = (await signed_in(ask, bob))["refreshToken"]
    second = await refreshed(ask, first)
    clock.advance(MINIMUM_AGE)
    second = await refreshed(ask, second["refreshToken"])

    copied = [await refreshed(ask, first), await refreshed(ask, first)]

    assert copied == [["INVALID_TOKEN"]] * 2
    assert await refreshed(ask, second["refreshToken"]) == ["INVALID_TOKEN"]
    assert (await ask(WHO, token=second["accessToken"])).unauthenticated
    assert (await ask(WHO, token=other["accessToken"])).data["viewer"]
    (mail,) = await OutboxMail.all()
    assert (mail.kind, mail.staff_id or mail.user_id) == ("SESSION_COPIED", bob.id)  # type: ignore[attr-defined]  # Tortoise makes these at run time


@pytest.mark.parametrize("change", [{"generation": 1}, {"secret": "A" * 43}, {"session": "0" * 32}])
async def test_a_forged_token_prolongs_nothing_and_ends_no_session(
    world: World, ask: Ask, change: dict[str, object]
) -> None:
    token = (await signed_in(ask, await world.user(password=PASSWORD)))["refreshToken"]
    session, generation, secret = token.split(".")
    parts = {"session": session, "generation": generation, "secret": secret, **change}

    forged = await refreshed(ask, "{session}.{generation}.{secret}".format(**parts))

    assert forged == ["INVALID_TOKEN"]
    assert (await refreshed(ask, token))["viewer"]


@pytest.mark.parametrize("token", ["", "made up", "x" * 5000, "ü", f"{'0' * 32}.٣.{'a' * 43}"])
async def test_what_is_no_token_prolongs_nothing(world: World, ask: Ask, token: str) -> None:
    await signed_in(ask, await world.user(password=PASSWORD))

    assert await refreshed(ask, token) == ["INVALID_TOKEN"]


async def test_nothing_that_opens_anything_is_stored(world: World, ask: Ask) -> None:
    first = await signed_in(ask, await world.user(password=PASSWORD))
    second = await refreshed(ask, first["refreshToken"])

    assert await places_of(first["refreshToken"], second["refreshToken"], second["accessToken"]) == []


async def test_a_session_lives_for_twelve_hours_after_the_last_refresh(
    world: World, ask: Ask, clock: TestClock
) -> None:
    token = (await signed_in(ask, await world.user(password=PASSWORD)))["refreshToken"]

    for _ in range(3):
        clock.advance(IDLE - timedelta(seconds=1))
        token = (await refreshed(ask, token))["refreshToken"]
    clock.advance(IDLE)

    assert await refreshed(ask, token) == ["INVALID_TOKEN"]


async def test_a_session_lives_for_thirty_days_at_most(world: World, ask: Ask, clock: TestClock) -> None:
    token, begun = (await signed_in(ask, await world.user(password=PASSWORD)))["refreshToken"], clock.now()
    while clock.now() + timedelta(hours=11) < begun + LONGEST:
        clock.advance(timedelta(hours=11))
        token = (await refreshed(ask, token))["refreshToken"]

    (session,) = await AccountSession.all()
    assert session.expires_at == begun + LONGEST
    clock.time = begun + LONGEST
    assert await refreshed(ask, token) == ["INVALID_TOKEN"]


@pytest.mark.parametrize(
    "change",
    [{"status": "SUSPENDED"}, {"status": "DEACTIVATED"}, {"status": "RECOVERY"}, {"pending_email": "n@acme.test"}],
)
async def test_whose_access_was_taken_away_prolongs_nothing(  # L9
    world: World, ask: Ask, change: dict[str, str]
) -> None:
    bob = await world.user(password=PASSWORD)
    token = (await signed_in(ask, bob))["refreshToken"]

    await PortalUser.filter(id=bob.id).update(**change)

    assert await refreshed(ask, token) == ["INVALID_TOKEN"]


async def test_a_deactivated_user_s_token_stays_dead_after_reactivation(world: World, ask: Ask) -> None:  # L9
    portal = await world.portal()
    ann, bob = await world.portal_admin(portal), await world.user(portal, password=PASSWORD)
    session = await signed_in(ask, bob)

    await ask.act("deactivateUsers", ann, bob)
    await ask.act("activateUsers", ann, bob)

    assert await refreshed(ask, session["refreshToken"]) == ["INVALID_TOKEN"]
    assert (await ask(WHO, token=session["accessToken"])).unauthenticated


async def test_disabled_staff_prolong_nothing(world: World, ask: Ask) -> None:
    nora = await world.mssp_admin(password=PASSWORD)
    token = (await signed_in(ask, nora))["refreshToken"]

    await StaffMember.filter(id=nora.id).update(is_active=False)

    assert await refreshed(ask, token) == ["INVALID_TOKEN"]


@pytest.mark.parametrize("status", [Status.LOCKED_OUT, Status.AWAITING_NEW_PASSWORD])
async def test_a_lock_and_an_old_password_stop_the_next_sign_in_not_this_session(
    world: World, ask: Ask, status: Status
) -> None:
    bob = await world.user(password=PASSWORD)
    token = (await signed_in(ask, bob))["refreshToken"]

    await PortalUser.filter(id=bob.id).update(status=status)

    assert (await refreshed(ask, token))["viewer"]["id"] == bob.gid


async def test_sixty_four_refreshes_at_once_give_one_successor(world: World, ask: Ask) -> None:
    token = (await signed_in(ask, await world.user(password=PASSWORD)))["refreshToken"]

    answers = await asyncio.gather(*(refreshed(ask, token) for _ in range(64)))

    assert len({answer["refreshToken"] for answer in answers}) == 1
    assert (await AccountSession.get()).refresh_generation == 1


async def test_a_stale_header_blocks_no_refresh(world: World, ask: Ask) -> None:
    token = (await signed_in(ask, await world.user(password=PASSWORD)))["refreshToken"]

    reply = await ask(REFRESH, token="x.y.z", input={"refreshToken": token})

    assert reply.data["refreshSession"]["session"]


async def test_one_s_own_sessions_are_listed_newest_first(world: World, ask: Ask, clock: TestClock) -> None:
    bob = await world.user(password=PASSWORD)
    await signed_in(ask, bob)
    clock.advance(timedelta(hours=1))
    async with calling_from(world, ELSEWHERE, **{"user-agent": "a phone"}) as elsewhere:
        session = await signed_in(elsewhere, bob)
        clock.advance(timedelta(minutes=10))
        session = await refreshed(elsewhere, session["refreshToken"])

    phone, first = (await ask(SESSIONS, token=session["accessToken"])).data["viewer"]["sessions"]

    assert (phone["userAgent"], phone["ipAddress"], phone["isCurrent"]) == ("a phone", ELSEWHERE, True)
    assert (phone["createdAt"], phone["lastUsedAt"]) == ("2026-03-01T10:00:00.000Z", "2026-03-01T10:10:00.000Z")
    assert (first["ipAddress"], first["isCurrent"]) == ("127.0.0.1", False)
    node = "query ($id: ID!) { node(id: $id) { id ... on AccountSession { isCurrent } } }"
    assert (await ask(node, token=session["accessToken"], id=first["id"])).data["node"] == {
        "id": first["id"],
        "isCurrent": False,
    }


async def test_nobody_sees_another_s_sessions(world: World, ask: Ask) -> None:
    portal = await world.portal()
    nora, ann, bob = await world.mssp_admin(), await world.portal_admin(portal), await world.user(portal)
    (mine,) = (await ask(SESSIONS, actor=bob)).data["viewer"]["sessions"]
    document = "query ($user: ID!, $session: ID!) { user(id: $user) { sessions { id } } node(id: $session) { id } }"

    for asker in (nora, ann):
        assert (await ask(document, actor=asker, user=bob.gid, session=mine["id"])).data == {
            "user": {"sessions": None},
            "node": None,
        }


async def test_a_session_that_ended_is_listed_no_more(world: World, ask: Ask, clock: TestClock) -> None:
    bob = await world.user(password=PASSWORD)
    await signed_in(ask, bob)
    clock.advance(timedelta(hours=11))
    ended, session = await signed_in(ask, bob), await signed_in(ask, bob)
    await ask(SIGN_OUT, token=ended["accessToken"], input={})
    clock.advance(timedelta(hours=2))
    session = await refreshed(ask, session["refreshToken"])

    (only,) = (await ask(SESSIONS, token=session["accessToken"])).data["viewer"]["sessions"]

    assert only["isCurrent"]


async def test_signing_out_ends_this_session_at_once_and_no_other(world: World, ask: Ask) -> None:
    bob = await world.user(password=PASSWORD)
    this, other = await signed_in(ask, bob), await signed_in(ask, bob)

    payload = (await ask(SIGN_OUT, token=this["accessToken"], input={})).data["signOut"]

    assert payload == {"account": {"id": bob.gid}, "errors": []}
    assert (await ask(WHO, token=this["accessToken"])).unauthenticated
    assert await refreshed(ask, this["refreshToken"]) == ["INVALID_TOKEN"]
    assert (await ask(WHO, token=other["accessToken"])).data["viewer"]


async def test_another_session_of_one_s_own_can_be_ended_by_its_id(world: World, ask: Ask) -> None:
    bob = await world.user(password=PASSWORD)
    other, this = await signed_in(ask, bob), await signed_in(ask, bob)
    listed = (await ask(SESSIONS, token=this["accessToken"])).data["viewer"]["sessions"]
    (id,) = [session["id"] for session in listed if not session["isCurrent"]]

    once, twice = [
        (await ask(SIGN_OUT, token=this["accessToken"], input={"sessionId": id})).data["signOut"] for _ in range(2)
    ]

    assert once["errors"] == []
    assert twice == {"account": None, "errors": [{"code": "NOT_FOUND", "path": ["input", "sessionId"]}]}
    assert (await ask(WHO, token=other["accessToken"])).unauthenticated
    assert (await ask(WHO, token=this["accessToken"])).data["viewer"]


@pytest.mark.parametrize("kind", ["user", "staff"])
async def test_everywhere_ends_all_of_one_s_own_and_nobody_else_s(world: World, ask: Ask, kind: str) -> None:
    bob, eve = await somebody(world, kind), await world.user(password=PASSWORD)
    mine, hers = [await signed_in(ask, bob) for _ in range(3)], await signed_in(ask, eve)

    payload = (await ask(SIGN_OUT, token=mine[0]["accessToken"], input={"everywhere": True})).data["signOut"]

    assert payload["errors"] == []
    assert all([(await ask(WHO, token=session["accessToken"])).unauthenticated for session in mine])
    assert (await ask(WHO, token=hers["accessToken"])).data["viewer"]


async def test_signing_out_names_one_session_or_all(world: World, ask: Ask) -> None:
    bob = await world.user()
    (mine,) = (await ask(SESSIONS, actor=bob)).data["viewer"]["sessions"]

    both = (await ask(SIGN_OUT, actor=bob, input={"sessionId": mine["id"], "everywhere": True})).data["signOut"]
    malformed = (await ask(SIGN_OUT, actor=bob, input={"sessionId": bob.gid})).data["signOut"]

    assert [error["code"] for error in both["errors"]] == ["INVALID_INPUT"]
    assert [error["code"] for error in malformed["errors"]] == ["NOT_FOUND"]
    assert (await ask(WHO, actor=bob)).data["viewer"]


async def test_a_browser_that_asks_keeps_the_refresh_token_where_no_script_reads_it(world: World, ask: Ask) -> None:
    bob = await world.user(password=PASSWORD)
    async with calling_from(world, ELSEWHERE, **IN_A_COOKIE) as browser:
        session = await signed_in(browser, bob)
        kept = browser.client.cookies[COOKIE]
        reply = await browser(REFRESH, input={})

        assert session["refreshToken"] is None
        assert reply.data["refreshSession"]["session"]["refreshToken"] is None
        assert browser.client.cookies[COOKIE] not in ("", kept)
        attributes = {part.strip().lower() for part in reply.response.headers["set-cookie"].split(";")[1:]}
        assert attributes == {"httponly", "secure", "samesite=strict", "path=/", "max-age=43200"}


async def test_without_the_header_the_cookie_is_left_alone(world: World, ask: Ask) -> None:
    bob = await world.user(password=PASSWORD)
    async with calling_from(world, ELSEWHERE) as browser:
        await browser.client.post("/graphql", json={"query": WHO}, headers=IN_A_COOKIE)
        session = await signed_in(browser, bob)
        browser.client.cookies.set(COOKIE, session["refreshToken"])

        forged = await refreshed(browser, None)
        asked = await browser.client.post(
            "/graphql", json={"query": REFRESH, "variables": {"input": {}}}, headers=IN_A_COOKIE
        )

        assert session["refreshToken"]
        assert forged == ["INVALID_TOKEN"]
        assert asked.json()["data"]["refreshSession"]["session"]["viewer"]["id"] == bob.gid


async def test_signing_out_takes_the_cookie_away(world: World, ask: Ask) -> None:
    bob = await world.user(password=PASSWORD)
    async with calling_from(world, ELSEWHERE, **IN_A_COOKIE) as browser:
        session = await signed_in(browser, bob)

        reply = await browser(SIGN_OUT, token=session["accessToken"], input={})

        assert "max-age=0" in reply.response.headers["set-cookie"].lower()
        assert COOKIE not in browser.client.cookies
