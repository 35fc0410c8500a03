"""Sign-ins: which are accepted, and what blocks them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from models.tables import PortalUser, StaffMember
from rules.lifecycle.statuses import Status, StatusReason
from services import rate_limits
from services.ports import Caller
from tests.features.sign_in.signing_in import WHO, a_user
from tests.support.world import PASSWORD, Ask, TestClock, World
from tests.support.world.answers import SIGN_IN, barred, sign_in
from tests.support.world.limiting import failing


async def raw(ask: Ask, login: str, password: str, portal: str | None) -> bytes:
    """Sign in, and return the bytes of the response."""
    input = {"login": login, "password": password, **({"portalSlug": portal} if portal is not None else {})}
    return (await ask(SIGN_IN, input=input)).response.content


@pytest.mark.parametrize("login", ["bob@acme.test", "BOB@ACME.TEST", " bob@Acme.test ", "bob.lee", "BOB.LEE"])
async def test_a_portal_account_signs_in_by_address_or_username_in_any_case(
    world: World, ask: Ask, login: str
) -> None:  # T5
    bob = await a_user(world)
    assert bob.portal

    payload = await sign_in(ask, login, PASSWORD, bob.portal.slug.upper())

    session = payload["session"]
    assert (payload["blockers"], payload["errors"], payload["mfaChallenge"], payload["passwordChange"]) == (
        [],
        [],
        None,
        None,
    )
    assert session["viewer"]["__typename"] == "PortalUser"
    assert session["viewer"]["id"] == bob.gid
    assert 0 < session["expiresIn"] <= 900
    assert (await ask(WHO, token=session["accessToken"])).data["viewer"] == {
        "__typename": "PortalUser",
        "name": session["viewer"]["name"],
    }


async def test_staff_sign_in_without_a_portal(world: World, ask: Ask) -> None:
    nora = await world.mssp_admin(password=PASSWORD)

    payload = await sign_in(ask, nora.login.upper(), PASSWORD)

    assert payload["session"]["viewer"]["__typename"] == "StaffMember"
    assert (await ask(WHO, token=payload["session"]["accessToken"])).data["viewer"]["__typename"] == "StaffMember"


async def test_the_same_login_in_two_portals_is_two_accounts(world: World, ask: Ask) -> None:  # T4
    people = [await a_user(world, portal=await world.portal(slug)) for slug in ("acme", "umbra")]

    found = [(await sign_in(ask, "bob.lee", PASSWORD, slug))["session"]["viewer"]["id"] for slug in ("acme", "umbra")]

    assert found == [person.gid for person in people]


async def test_an_address_is_its_owner_s_login_even_if_it_is_another_s_username(world: World, ask: Ask) -> None:
    portal = await world.portal("acme")
    by_name = await world.user(portal, username="bob@acme.test", email="eve@acme.test", password=PASSWORD)
    by_address = await world.user(portal, username="bob", email="bob@acme.test", password=PASSWORD)

    found = [
        (await sign_in(ask, login, PASSWORD, "acme"))["session"]["viewer"]["id"]
        for login in ("bob@acme.test", "eve@acme.test")
    ]

    assert found == [by_address.gid, by_name.gid]


async def test_all_that_must_not_be_told_apart_answers_with_the_same_bytes(world: World, ask: Ask) -> None:
    portal, sibling = await world.portal("acme"), await world.portal("sibling")
    nora, fay = await world.mssp_admin(password=PASSWORD), await world.mssp_admin(password=PASSWORD, is_active=False)
    right = await world.user(portal, password=PASSWORD)
    other = await world.user(sibling, password=PASSWORD)
    locked_out = await world.user(portal, status=Status.LOCKED_OUT, password=PASSWORD)
    unconfirmed = await world.user(portal, status=Status.PROVISIONED)
    barred = [await world.user(portal, status=s, password=PASSWORD) for s in (Status.SUSPENDED, Status.DEACTIVATED)]
    tries: list[tuple[str, str, str | None]] = [
        *((person.login, "wrong", "acme") for person in (right, locked_out, unconfirmed, *barred)),
        *((right.login, password, "acme") for password in ("", PASSWORD + " ", "x" * 2000)),
        (locked_out.login, PASSWORD, "acme"),
        (unconfirmed.login, PASSWORD, "acme"),
        (unconfirmed.login, "", "acme"),
        ("unknown", PASSWORD, "acme"),
        ("", "", "acme"),
        (right.login, PASSWORD, "no-portal"),
        ("ü", "ü", "ü"),
        (right.login, PASSWORD, "sibling"),
        (other.login, PASSWORD, "acme"),
        (right.login, PASSWORD, None),
        (right.login, PASSWORD, ""),
        (nora.login, PASSWORD, "acme"),
        (nora.login, "wrong", None),
        (fay.login, "wrong", None),
        ("unknown@msp.test", PASSWORD, None),
        (f"{right.login}\n", "x", "acme\nx"),
    ]

    answers = {await raw(ask, *each) for each in tries}

    assert len(answers) == 1
    assert b'"INVALID_CREDENTIALS"' in answers.pop()
    assert (await sign_in(ask, right.login, PASSWORD, "acme"))["session"]


@pytest.mark.parametrize(
    ("standing", "blockers"),
    [
        ({"status": Status.SUSPENDED}, ["SUSPENDED"]),
        ({"status": Status.DEACTIVATED}, ["DEACTIVATED"]),
        ({"status": Status.DEACTIVATED, "status_reason": StatusReason.WAITING_FOR_SEAT}, ["WAITING_FOR_SEAT"]),
        ({"status": Status.RECOVERY}, ["RESET_PENDING"]),
        ({"status": Status.SUSPENDED, "resume_status": Status.RECOVERY}, ["RESET_PENDING", "SUSPENDED"]),
    ],
)
async def test_once_the_password_is_proved_every_blocker_is_shown(  # K27, T18
    world: World, ask: Ask, standing: dict[str, Any], blockers: list[str]
) -> None:
    bob = await a_user(world, **standing)
    ann = await world.portal_admin()
    assert bob.portal

    payload = await sign_in(ask, bob.login, PASSWORD, bob.portal.slug)

    assert payload == barred(*blockers)
    shown = await ask("query ($id: ID!) { user(id: $id) { signInBlockers { code } } }", actor=ann, id=bob.gid)
    assert [blocker["code"] for blocker in shown.data["user"]["signInBlockers"]] == blockers


@pytest.mark.parametrize(
    ("portal", "blocker"),
    [({"is_active": False}, "PORTAL_INACTIVE"), ({"password_sign_in_enabled": False}, "PASSWORD_SIGN_IN_OFF")],
)
async def test_a_portal_can_block_all_its_users(world: World, ask: Ask, portal: dict[str, Any], blocker: str) -> None:
    bob = await a_user(world, portal=await world.portal("acme", **portal))

    payload = await sign_in(ask, bob.login, PASSWORD, "acme")

    assert payload == barred(blocker)


async def test_a_changed_address_blocks_until_it_is_verified(world: World, ask: Ask) -> None:
    bob = await a_user(world, portal=await world.portal("acme"))
    await PortalUser.filter(id=bob.id).update(pending_email="new@acme.test")

    payload = await sign_in(ask, bob.login, PASSWORD, "acme")

    assert payload == barred("EMAIL_UNVERIFIED")


async def test_disabled_staff_are_out_at_once_and_told_so_with_the_right_password(world: World, ask: Ask) -> None:
    nora = await world.mssp_admin(password=PASSWORD)
    assert (await ask(WHO, actor=nora)).data["viewer"]

    await StaffMember.filter(id=nora.id).update(is_active=False)

    assert (await ask(WHO, actor=nora)).unauthenticated
    assert await sign_in(ask, nora.login, PASSWORD) == barred("DEACTIVATED")


async def test_a_hundred_wrong_logins_from_one_network_are_answered_with_when_to_try_again(
    world: World, ask: Ask, clock: TestClock
) -> None:
    bob = await a_user(world, portal=await world.portal("acme"))
    for _ in range(100):
        await failing(
            rate_limits.count_sign_in(world.parts.runtime, world.parts.ports, Caller("127.0.0.1", None), None)
        )
        clock.advance(timedelta(seconds=0.6))

    limited = await sign_in(ask, bob.login, PASSWORD, "acme")
    clock.advance(timedelta(minutes=4))
    later = await sign_in(ask, bob.login, PASSWORD, "acme")

    assert (limited["session"], limited["blockers"]) == (None, [])
    (error,) = limited["errors"]
    assert (error["code"], error["path"], error["retryAt"]) == ("RATE_LIMITED", None, "2026-03-01T09:05:00.000Z")
    assert error["message"]
    assert later["session"]


async def test_a_stale_header_blocks_no_sign_in(world: World, ask: Ask, clock: TestClock) -> None:
    ann, bob = await world.portal_admin(), await a_user(world)
    assert bob.portal
    revoked, expired = await world.token(bob), await world.token(bob)
    await ask.act("revokeSessions", ann, bob)
    clock.advance(timedelta(minutes=16))

    for token in (revoked, expired, "x", "x.y.z", revoked[:-2]):
        assert (await ask(WHO, token=token)).unauthenticated
        payload = await sign_in(ask, bob.login, PASSWORD, bob.portal.slug, token=token)
        assert payload["session"]["viewer"]["id"] == bob.gid


async def test_a_lockout_whose_minutes_are_over_blocks_no_more(world: World, ask: Ask, clock: TestClock) -> None:
    portal = await world.portal("acme", lockout_minutes=15)
    bob = await a_user(world, portal=portal, status=Status.LOCKED_OUT, resume_status=Status.ACTIVE)

    locked = await sign_in(ask, bob.login, PASSWORD, "acme")
    clock.advance(timedelta(minutes=15))
    over = await sign_in(ask, bob.login, PASSWORD, "acme")

    assert (locked["session"], locked["errors"][0]["code"]) == (None, "INVALID_CREDENTIALS")
    assert over["session"]


async def test_a_sign_in_answers_with_the_portal_s_start_page(world: World, ask: Ask) -> None:  # E14
    bob = await a_user(world, portal=await world.portal("acme", start_page_url="https://acme.test/start"))
    document = """
    mutation ($input: SignInInput!) {
      signIn(input: $input) { session { viewer { ... on PortalUser { portal { startPageUrl } } } } }
    }
    """

    reply = await ask(document, input={"login": bob.login, "password": PASSWORD, "portalSlug": "acme"})

    assert reply.data["signIn"]["session"]["viewer"]["portal"]["startPageUrl"] == "https://acme.test/start"
