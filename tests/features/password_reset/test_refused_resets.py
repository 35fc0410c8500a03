"""Password resets by an admin that are refused, or that send no mail."""

from __future__ import annotations

from typing import Any

import pytest

from models.tables import PortalUser
from rules.lifecycle.statuses import Status
from tests.support.mail.mailed import nothing_is_queued
from tests.support.world import Ask, TestClock, World
from tests.support.world.answers import reason, reasons, standing


@pytest.mark.parametrize(
    ("status", "code", "suggested"),
    [
        (Status.STAGED, "UNVERIFIED", None),  # K19
        (Status.PROVISIONED, "UNVERIFIED", None),  # K19
        (Status.LOCKED_OUT, "LOCKED_OUT", "UNLOCK"),
        (Status.SUSPENDED, "INACTIVE", None),  # K20
        (Status.DEACTIVATED, "INACTIVE", None),  # K20
    ],
)
async def test_no_reset_mail_goes_to_the_unverified_the_locked_out_and_the_inactive(
    world: World, ask: Ask, status: Status, code: str, suggested: str | None
) -> None:
    ann, bob = await world.portal_admin(), await world.user(status=status)

    payload = await ask.act("resetPasswords", ann, bob)

    assert payload["outcomes"][0]["reason"]["suggestedAction"] == suggested
    assert (reason(payload), standing(payload)) == (code, [(status, status)])
    assert await nothing_is_queued()


async def test_no_reset_mail_goes_where_there_is_no_verified_address(world: World, ask: Ask) -> None:  # K19
    ann, unknown = await world.portal_admin(), await world.user(email=None)
    unproved = await world.user()
    await PortalUser.filter(id=unproved.id).update(email_verified_at=None)

    payload = await ask.act("resetPasswords", ann, unknown, unproved)

    assert reasons(payload) == ["NO_EMAIL", "UNVERIFIED"]
    assert await nothing_is_queued()


async def test_no_reset_mail_goes_to_a_portal_without_passwords_of_its_own(world: World, ask: Ask) -> None:  # K21
    portal = await world.portal(password_sign_in_enabled=False)
    tim, bob = await world.technician(portal), await world.user(portal)

    payload = await ask.act("resetPasswords", tim, bob)

    assert (reason(payload), await world.status(bob)) == ("PASSWORD_SIGN_IN_OFF", Status.ACTIVE)
    assert await nothing_is_queued()


async def test_an_admin_does_not_reset_the_own_password(world: World, ask: Ask) -> None:
    ann = await world.portal_admin()

    payload = await ask.act("resetPasswords", ann, ann)

    assert (reason(payload), await world.status(ann)) == ("CANNOT_TARGET_SELF", Status.ACTIVE)


async def test_no_mail_goes_to_the_users_of_an_inactive_portal(world: World, ask: Ask) -> None:
    portal = await world.portal(is_active=False)
    nora, bob = await world.mssp_admin(), await world.user(portal)

    payload = await ask.act("resetPasswords", nora, bob)

    assert (reason(payload), payload["outcomes"][0]["reason"]["retryable"]) == ("PORTAL_INACTIVE", True)
    assert await nothing_is_queued()


@pytest.mark.parametrize(
    ("first", "portal", "user"),
    [
        ("PORTAL_INACTIVE", {"is_active": False}, {"status": Status.LOCKED_OUT}),
        ("INACTIVE", {}, {"status": Status.DEACTIVATED, "email": None}),
        ("LOCKED_OUT", {"password_sign_in_enabled": False}, {"status": Status.LOCKED_OUT}),
        ("NO_EMAIL", {"password_sign_in_enabled": False}, {"email": None}),
        ("PASSWORD_SIGN_IN_OFF", {"password_sign_in_enabled": False}, {"mailed": True}),
        ("COOLDOWN", {}, {"mailed": True}),
    ],
)
async def test_the_first_guard_that_speaks_gives_the_reason(
    world: World, ask: Ask, clock: TestClock, first: str, portal: dict[str, Any], user: dict[str, Any]
) -> None:
    place = await world.portal(**portal)
    nora, bob = await world.mssp_admin(), await world.user(place, **{k: v for k, v in user.items() if k != "mailed"})
    if user.get("mailed"):
        await PortalUser.filter(id=bob.id).update(reset_mailed_at=clock.now())

    payload = await ask.act("resetPasswords", nora, bob, bob)

    assert reasons(payload) == [first, "DUPLICATE_IN_REQUEST"]


async def test_that_it_is_oneself_is_said_before_what_the_table_says(world: World, ask: Ask) -> None:
    ann = await world.portal_admin()
    token = await world.token(ann)
    await PortalUser.filter(id=ann.id).update(status=Status.LOCKED_OUT)  # living sessions go on

    reply = await ask(
        "mutation ($id: ID!) { resetPasswords(input: {users: {ids: [$id]}}) { outcomes { reason { code } } } }",
        token=token,
        id=ann.gid,
    )

    assert reply.data["resetPasswords"]["outcomes"] == [{"reason": {"code": "CANNOT_TARGET_SELF"}}]
