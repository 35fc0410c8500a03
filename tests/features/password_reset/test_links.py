"""The link of a password reset: how long it is valid, and what it allows."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from models.tables import (
    AccountSession,
    LinkToken,
    OutboxMail,
    PortalUser,
    StaffMember,
)
from rules.lifecycle.statuses import CATEGORY, Category, Status, StatusReason
from services.admin.doctor import find_wrong_values
from tests.features.account.own_account import ALWAYS, NEW_PASSWORD, code_of, forgot, link_of, reset
from tests.features.password_reset.resetting import A_MINUTE, A_SECOND, MAY_NOT, asked
from tests.support.databases import on_postgres
from tests.support.databases.stored import everything, places_of
from tests.support.mail.mailed import Queued, living, mail_to
from tests.support.world import PASSWORD, Ask, TestClock, World
from tests.support.world.answers import counts, sign_in


@pytest.mark.parametrize(("policy", "hours"), [({}, 24), ({"password_reset_ttl_hours": 2}, 2)])
@pytest.mark.parametrize(
    ("late", "code"), [(-A_SECOND, None), (timedelta(0), "INVALID_TOKEN"), (A_SECOND, "INVALID_TOKEN")]
)
@pytest.mark.parametrize("by_admin", [True, False])
async def test_a_link_is_good_until_its_last_second_and_refused_at_its_end(
    world: World,
    ask: Ask,
    clock: TestClock,
    policy: dict[str, Any],
    hours: int,
    late: timedelta,
    code: str,
    by_admin: bool,
) -> None:  # K17
    portal = await world.portal(**policy)
    ann, bob = await world.portal_admin(portal), await world.user(portal, email="bob@acme.test")
    if by_admin:
        await ask.act("resetPasswords", ann, bob)
    else:
        await forgot(ask, portal, "bob@acme.test")
    clock.advance(timedelta(hours=hours) + late)

    payload = await reset(ask, await link_of(world, bob))

    assert code_of(payload) == code


@pytest.mark.parametrize(
    ("before", "reason"),
    [
        (Status.ACTIVE, None),
        (Status.RECOVERY, StatusReason.RESET_REQUESTED_BY_ADMIN),
        (Status.AWAITING_NEW_PASSWORD, StatusReason.PASSWORD_EXPIRED),
        (Status.LOCKED_OUT, StatusReason.TOO_MANY_FAILED_SIGN_INS),
    ],
)
async def test_a_new_password_makes_the_user_active_and_begins_no_session(
    world: World, ask: Ask, clock: TestClock, before: Status, reason: StatusReason | None
) -> None:  # T6, T9, event table: new password set
    ann = await world.portal_admin()
    bob, token = await asked(world, ask, status=before, status_reason=reason)
    assert bob.portal

    payload = await reset(ask, token)

    assert payload == ALWAYS
    row = await world.row(bob)
    assert row
    assert (row.status, row.status_reason, row.resume_status, row.email) == (Status.ACTIVE, None, None, "bob@acme.test")
    assert not await AccountSession.filter(user_id=bob.id).exists()
    assert (await sign_in(ask, bob.login, PASSWORD, bob.portal.slug))["errors"][0]["code"] == "INVALID_CREDENTIALS"
    assert (await sign_in(ask, bob.login, NEW_PASSWORD, bob.portal.slug))["session"]
    tiles = (await ask("{ licenseTiles { tiles { kind count } } }", actor=ann)).data["licenseTiles"]
    assert (counts(tiles)["ACTIVE_USERS"], counts(tiles)["LOCKED_USERS"]) == (2, 0)
    assert not await find_wrong_values(world.parts.runtime)


async def test_from_an_admin_s_reset_until_the_new_password_sign_in_is_refused_with_either(
    world: World, ask: Ask
) -> None:  # K18
    ann, bob = await world.portal_admin(), await world.user(password=PASSWORD)
    assert bob.portal
    await ask.act("resetPasswords", ann, bob)
    refused = [await sign_in(ask, bob.login, password, bob.portal.slug) for password in (PASSWORD, NEW_PASSWORD)]

    await reset(ask, await link_of(world, bob))

    assert [answer["session"] for answer in refused] == [None, None]
    assert refused[0]["blockers"] == [{"code": "RESET_PENDING"}]
    assert (await sign_in(ask, bob.login, NEW_PASSWORD, bob.portal.slug))["session"]


@pytest.mark.parametrize("status", MAY_NOT)
async def test_the_link_of_a_user_who_lost_access_meanwhile_sets_no_password(
    world: World, ask: Ask, status: Status
) -> None:  # K20, event table: refused
    bob, token = await asked(world, ask)
    await PortalUser.filter(id=bob.id).update(status=status, category=CATEGORY[status])
    before = await everything(besides=("limited_tries",))

    payload = await reset(ask, token)

    assert code_of(payload) == "INVALID_TOKEN"
    assert await everything(besides=("limited_tries",)) == before
    assert CATEGORY[status] is not Category.ENABLED


@pytest.mark.parametrize("policy", [{"is_active": False}, {"password_sign_in_enabled": False}])
async def test_a_link_is_refused_in_a_portal_without_passwords(
    world: World, ask: Ask, policy: dict[str, bool]
) -> None:  # K21
    bob, token = await asked(world, ask)
    assert bob.portal
    await type(bob.portal).filter(id=bob.portal.id).update(**policy)

    assert code_of(await reset(ask, token)) == "INVALID_TOKEN"


async def test_a_weak_password_leaves_the_link_good(world: World, ask: Ask) -> None:
    bob, token = await asked(world, ask)

    weak = await reset(ask, token, "too short")
    fine = await reset(ask, token)

    assert (weak["errors"][0]["code"], weak["errors"][0]["path"]) == ("WEAK_PASSWORD", ["input", "password"])
    assert (code_of(fine), await living(world, bob)) == (None, [False])


async def test_a_link_is_good_once(world: World, ask: Ask) -> None:
    bob, token = await asked(world, ask)
    assert bob.portal
    await reset(ask, token)

    again = await reset(ask, token, "another heron waltzes at dawn")

    assert (again["errors"][0]["code"], again["errors"][0]["path"]) == ("INVALID_TOKEN", ["input", "token"])
    assert (await sign_in(ask, bob.login, NEW_PASSWORD, bob.portal.slug))["session"]


@on_postgres
async def test_of_sixty_four_at_once_with_the_same_link_one_sets_a_password(world: World, ask: Ask) -> None:
    bob, token = await asked(world, ask)

    answers = await asyncio.gather(*(reset(ask, token, f"{NEW_PASSWORD} {n}") for n in range(64)))

    codes = [code_of(payload) for payload in answers]
    assert codes.count(None) == 1
    assert set(codes) <= {None, "INVALID_TOKEN", "RATE_LIMITED"}  # one estimate at a time
    assert await OutboxMail.filter(user_id=bob.id, kind="PASSWORD_CHANGED").count() == 1


@pytest.mark.parametrize("token", ["", "no token", "☂", "x" * 5000])
async def test_a_made_up_token_is_no_link(world: World, ask: Ask, token: str) -> None:
    await asked(world, ask)

    assert code_of(await reset(ask, token)) == "INVALID_TOKEN"


async def test_the_link_of_another_mail_sets_no_password(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await world.user(status=Status.PROVISIONED)
    await ask.act("resendVerifications", ann, bob)

    assert code_of(await reset(ask, await link_of(world, bob))) == "INVALID_TOKEN"


async def test_every_session_ends_and_every_step_that_the_old_password_led_to_is_dead(
    world: World, ask: Ask, clock: TestClock
) -> None:
    bob, token = await asked(world, ask)
    devices = [await world.token(bob), await world.token(bob)]
    for n, purpose in enumerate(("MFA_CHALLENGE", "PASSWORD_CHANGE")):
        await LinkToken.create(
            id=world.parts.runtime.new_id(),
            user_id=bob.id,
            purpose=purpose,
            nonce="n",
            token_hash=f"hash {n}",
            created_at=clock.now(),
            expires_at=clock.now() + A_MINUTE,
        )

    await reset(ask, token)

    assert all([(await ask("{ viewer { id } }", token=device)).unauthenticated for device in devices])
    assert await LinkToken.filter(user_id=bob.id, superseded_at=None, used_at=None).count() == 0


async def test_the_owner_is_notified_by_mail_and_the_log_has_no_address(world: World, ask: Ask) -> None:
    ann = await world.portal_admin()
    bob, token = await asked(world, ask)

    await reset(ask, token)

    assert (await mail_to(bob))[1:] == [Queued("PASSWORD_CHANGED", "bob@acme.test", "QUEUED")]
    (event,) = (await ask("{ auditLog { nodes { event actor { id } userId } } }", actor=ann)).data["auditLog"]["nodes"]
    assert (event["event"], event["actor"]["id"], event["userId"]) == ("USER_PASSWORD_SET", bob.gid, bob.gid)
    assert {table for table, _ in await places_of("bob@acme.test")} == {"portal_user", "outbox_mail", "link_token"}
    assert await places_of(NEW_PASSWORD) == await places_of(token) == []


async def test_staff_replace_a_forgotten_password_too(world: World, ask: Ask, clock: TestClock) -> None:
    nora, bob = await world.mssp_admin(password=PASSWORD), await world.user(password=PASSWORD)
    device = await world.token(nora)
    assert await forgot(ask, None, nora.login.upper()) == await forgot(ask, None, nora.login) == ALWAYS
    assert await LinkToken.filter(staff_id=nora.id).count() == 1
    clock.advance(timedelta(hours=24) - A_SECOND)
    token = await link_of(world, nora)

    payload, again = await reset(ask, token), await reset(ask, token)

    assert (payload, code_of(again)) == (ALWAYS, "INVALID_TOKEN")
    assert (await ask("{ viewer { id } }", token=device)).unauthenticated
    assert (await sign_in(ask, nora.login, PASSWORD))["session"] is None
    assert (await sign_in(ask, nora.login, NEW_PASSWORD))["session"]
    mails = await OutboxMail.filter(staff_id=nora.id).order_by("id")
    assert [(mail.kind, mail.recipient) for mail in mails] == [
        ("PASSWORD_RESET", nora.login),
        ("PASSWORD_CHANGED", nora.login),
    ]
    assert await mail_to(bob) == []


async def test_staff_who_were_let_go_set_no_password(world: World, ask: Ask) -> None:
    nora = await world.mssp_admin(password=PASSWORD)
    await forgot(ask, None, nora.login)
    await StaffMember.filter(id=nora.id).update(is_active=False)

    assert code_of(await reset(ask, await link_of(world, nora))) == "INVALID_TOKEN"
