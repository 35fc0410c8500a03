"""The effects of bulk mutations on sessions and access."""

from __future__ import annotations

from typing import Any

import pytest

from rules.lifecycle.statuses import Status, StatusReason
from tests.support.world import PASSWORD, Ask, Person, World
from tests.support.world.answers import reason, reasons, sign_in, standing

TAKES_ACCESS_AWAY = ["lockUsers", "deactivateUsers", "deleteUsers", "revokeSessions"]


async def is_signed_in(ask: Ask, person: Person) -> bool:
    reply = await ask("{ viewer { name } }", actor=person)
    assert reply.unauthenticated or not reply.errors
    return bool(reply.data["viewer"])


@pytest.mark.parametrize("name", TAKES_ACCESS_AWAY)
async def test_access_ends_at_once_for_every_session_of_those_users_and_of_no_others(
    world: World, ask: Ask, name: str
) -> None:  # L9, T18
    ann, bob, eve = await world.portal_admin(), await world.user(), await world.user()
    other_device = await world.token(bob)
    assert await is_signed_in(ask, bob)
    assert await is_signed_in(ask, eve)

    await ask.act(name, ann, bob)

    assert not await is_signed_in(ask, bob)
    assert (await ask("{ viewer { name } }", token=other_device)).unauthenticated
    assert await is_signed_in(ask, eve)


@pytest.mark.parametrize(("out", "back"), [("lockUsers", "unlockUsers"), ("deactivateUsers", "activateUsers")])
async def test_nothing_revives_a_session_but_signing_in_again_works(  # K27, L8, L9, T18, T19
    world: World, ask: Ask, out: str, back: str
) -> None:
    ann, bob = await world.portal_admin(), await world.user(password=PASSWORD)
    assert bob.portal
    assert await is_signed_in(ask, bob)

    await ask.act(out, ann, bob)
    meanwhile = await sign_in(ask, bob.login, PASSWORD, bob.portal.slug)
    await ask.act(back, ann, bob)

    assert meanwhile["session"] is None
    assert not await is_signed_in(ask, bob)
    assert (await sign_in(ask, bob.login, PASSWORD, bob.portal.slug))["session"]["accessToken"]


async def test_a_user_who_was_signed_out_can_sign_in_again(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await world.user(password=PASSWORD)
    assert await is_signed_in(ask, bob)

    payload = await ask.act("revokeSessions", ann, bob)

    assert standing(payload) == [("ACTIVE", "ACTIVE")]
    assert not await is_signed_in(ask, bob)
    assert bob.portal
    assert (await sign_in(ask, bob.login, PASSWORD, bob.portal.slug))["session"]


async def test_an_admin_who_revokes_their_own_sessions_is_signed_out(world: World, ask: Ask) -> None:
    ann = await world.portal_admin()

    payload = await ask.act("revokeSessions", ann, ann)

    assert reason(payload) is None
    assert not await is_signed_in(ask, ann)


@pytest.mark.parametrize("resume", [Status.RECOVERY, Status.AWAITING_NEW_PASSWORD])
@pytest.mark.parametrize(("out", "back"), [("lockUsers", "unlockUsers"), ("deactivateUsers", "activateUsers")])
async def test_a_pending_reset_survives_a_detour(  # T18, T19
    world: World, ask: Ask, resume: Status, out: str, back: str
) -> None:
    ann, bob = await world.portal_admin(), await world.user(status=resume, status_reason=StatusReason.PASSWORD_EXPIRED)

    await ask.act(out, ann, bob)
    payload = await ask.act(back, ann, bob)

    assert payload["outcomes"][0]["user"]["status"] == resume
    assert payload["outcomes"][0]["user"]["statusReason"] == "PASSWORD_EXPIRED"


async def test_the_reasons_of_a_suspension_are_distinguished(world: World, ask: Ask) -> None:  # T11
    ann, bob = await world.portal_admin(), await world.user()
    idle = await world.user(status=Status.SUSPENDED, status_reason=StatusReason.IDLE)

    payload = await ask.act("lockUsers", ann, bob, idle)

    assert [o["user"]["statusReason"] for o in payload["outcomes"]] == ["ADMIN_ACTION", "IDLE"]
    assert reasons(payload) == [None, "ALREADY_IN_STATE"]


async def test_an_inactive_portal_gives_no_access_but_lets_it_be_taken(world: World, ask: Ask) -> None:
    portal = await world.portal(is_active=False)
    nora = await world.mssp_admin()
    locked = await world.user(portal, status=Status.SUSPENDED)
    people = await world.users(3, portal)

    refused: list[Any] = [reason(await ask.act(name, nora, locked)) for name in ("activateUsers", "unlockUsers")]
    done = [reason(await ask.act(n, nora, p)) for n, p in zip(TAKES_ACCESS_AWAY, [*people, locked], strict=True)]

    assert refused == ["PORTAL_INACTIVE"] * 2
    assert done == [None] * 4


async def test_an_admin_reads_the_answer_to_the_end_of_the_own_session(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await world.user()
    document = """
      mutation ($input: BulkUsersInput!) {
        revokeSessions(input: $input) { outcomes { user { id } } query { viewer { id } users { nodes { id } } } }
      }
    """

    reply = await ask(document, actor=ann, input={"users": {"ids": [ann.gid]}})

    payload = reply.data["revokeSessions"]
    assert (reply.errors, payload["outcomes"]) == ([], [{"user": {"id": ann.gid}}])
    assert payload["query"]["viewer"] == {"id": ann.gid}
    assert {user["id"] for user in payload["query"]["users"]["nodes"]} == {ann.gid, bob.gid}
    assert not await is_signed_in(ask, ann)
