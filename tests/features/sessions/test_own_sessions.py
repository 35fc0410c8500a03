"""Users list their own sessions, and end them one by one or all at once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.features.sessions.refreshing import SIGN_OUT, WHO, a_signed_in_user, refreshed, signed_in
from tests.support.world import PASSWORD, Ask, TestClock, World
from tests.support.world.places import ELSEWHERE, calling_from

SESSIONS = "{ viewer { sessions { id createdAt lastUsedAt userAgent ipAddress isCurrent } } }"


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


async def test_no_account_beyond_its_managers_sees_a_user_s_sessions(world: World, ask: Ask) -> None:  # L3
    portal, sibling = await world.portal("mine"), await world.portal("sibling")
    bea, eve, bob = await world.portal_admin(sibling), await world.user(portal), await world.user(portal)
    tim, ada = await world.technician(sibling), await world.mssp_admin(await world.mssp())
    (mine,) = (await ask(SESSIONS, actor=bob)).data["viewer"]["sessions"]
    document = "query ($user: ID!, $session: ID!) { user(id: $user) { sessions { id } } node(id: $session) { id } }"

    for asker in (bea, eve, tim, ada):
        assert (await ask(document, actor=asker, user=bob.gid, session=mine["id"])).data == {
            "user": None,
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
async def test_everywhere_ends_all_own_sessions_and_no_other_s(world: World, ask: Ask, kind: str) -> None:
    bob, eve = await a_signed_in_user(world, kind), await world.user(password=PASSWORD)
    mine, eves = [await signed_in(ask, bob) for _ in range(3)], await signed_in(ask, eve)

    payload = (await ask(SIGN_OUT, token=mine[0]["accessToken"], input={"everywhere": True})).data["signOut"]

    assert payload["errors"] == []
    assert all([(await ask(WHO, token=session["accessToken"])).unauthenticated for session in mine])
    assert (await ask(WHO, token=eves["accessToken"])).data["viewer"]


async def test_signing_out_names_one_session_or_all(world: World, ask: Ask) -> None:
    bob = await world.user()
    (mine,) = (await ask(SESSIONS, actor=bob)).data["viewer"]["sessions"]

    both = (await ask(SIGN_OUT, actor=bob, input={"sessionId": mine["id"], "everywhere": True})).data["signOut"]
    malformed = (await ask(SIGN_OUT, actor=bob, input={"sessionId": bob.gid})).data["signOut"]

    assert [error["code"] for error in both["errors"]] == ["INVALID_INPUT"]
    assert [error["code"] for error in malformed["errors"]] == ["NOT_FOUND"]
    assert (await ask(WHO, actor=bob)).data["viewer"]
