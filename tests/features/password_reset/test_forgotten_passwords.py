"""Forgotten passwords, through the API: who is mailed a link, what it is good for, and what nobody learns."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from models.db.sql import fetch, sql
from models.tables import (
    AccountSession,
    LinkToken,
    OutboxMail,
    PortalUser,
    ResetRequest,
    SignInAttempts,
    StaffMember,
)
from rules.lifecycle.statuses import CATEGORY, Category, Status, StatusReason
from rules.mail.caps import FOR_STRANGERS
from services.admin.doctor import drift
from tests.features.account.own_account import ALWAYS, NEW_PASSWORD, call, code_of, forgot, link_of, reset
from tests.features.listing.test_statements import statements
from tests.support.answers import counts, sign_in
from tests.support.databases import on_postgres
from tests.support.mailed import Queued, living, mail_to, nothing_is_queued
from tests.support.stored import everything, places_of
from tests.support.world import PASSWORD, Ask, Person, TestClock, World

A_MINUTE, A_SECOND = timedelta(minutes=1), timedelta(seconds=1)
MAY_RESET = [Status.ACTIVE, Status.AWAITING_NEW_PASSWORD, Status.RECOVERY, Status.LOCKED_OUT]
MAY_NOT = [status for status in Status if status not in MAY_RESET]


async def asked(world: World, ask: Ask, **given: Any) -> tuple[Person, str]:
    """A user who has asked for a reset, and his link's token."""
    bob = await world.user(**{"email": "bob@acme.test", "password": PASSWORD, **given})
    await forgot(ask, bob.portal, "bob@acme.test")
    return bob, await link_of(world, bob)


@pytest.mark.parametrize("status", MAY_RESET)
async def test_whoever_may_set_a_password_is_mailed_a_link_and_nothing_else_changes(
    world: World, ask: Ask, clock: TestClock, status: Status
) -> None:  # event table: self-service reset
    bob = await world.user(email="bob@acme.test", status=status, password=PASSWORD)
    token = await world.token(bob) if status is Status.ACTIVE else None
    written = ("limited_tries", "link_token", "outbox_mail", "recipient_mail", "sign_in_attempts")
    before = await everything(besides=written)

    payload = await forgot(ask, bob.portal, " BOB@acme.test ")

    assert payload == ALWAYS
    assert await mail_to(bob) == [Queued("PASSWORD_RESET", "bob@acme.test", "QUEUED")]
    assert await everything(besides=written) == before
    if token and bob.portal:
        assert (await ask("{ viewer { id } }", token=token)).data["viewer"]
        assert (await sign_in(ask, bob.login, PASSWORD, bob.portal.slug))["session"]


@pytest.mark.parametrize("is_locked", [False, True])
async def test_after_an_admin_s_reset_the_password_that_the_account_has_is_refused_and_the_link_stays_good(
    world: World, ask: Ask, is_locked: bool
) -> None:  # K18
    portal = await world.portal(lockout_threshold=3)
    ann, bob = await world.portal_admin(), await world.user(password=PASSWORD)
    await ask.act("resetPasswords", ann, bob)
    token = await link_of(world, bob)
    for _ in range(3 if is_locked else 0):
        await sign_in(ask, bob.login, "wrong", portal.slug)
    assert await world.status(bob) is (Status.LOCKED_OUT if is_locked else Status.RECOVERY)

    same, other = await reset(ask, token, PASSWORD), await reset(ask, token)

    assert [(e["code"], e["path"], e["message"]) for e in same["errors"]] == [
        ("WEAK_PASSWORD", ["input", "password"], "That is the password that you have. Take another one.")
    ]
    assert (other, await world.status(bob)) == (ALWAYS, Status.ACTIVE)


@pytest.mark.parametrize("status", [Status.ACTIVE, Status.AWAITING_NEW_PASSWORD, Status.LOCKED_OUT])
async def test_whoever_asked_for_the_reset_himself_may_keep_his_password(
    world: World, ask: Ask, status: Status
) -> None:
    _, token = await asked(world, ask, status=status)

    assert await reset(ask, token, PASSWORD) == ALWAYS


async def test_the_answer_is_the_same_whoever_is_asked_for(world: World, ask: Ask) -> None:
    portal, inactive = await world.portal("acme"), await world.portal("inactive", is_active=False)
    without = await world.portal("without", password_sign_in_enabled=False)
    people = [await world.user(portal, status=status) for status in MAY_NOT]
    people += [await world.user(place) for place in (inactive, without)]
    unproved, named = await world.user(portal), await world.user(portal, username="b.oak")
    await PortalUser.filter(id=unproved.id).update(email_verified_at=None)
    idle_staff = await world.staff(is_active=False)

    rows = {person.id: await world.row(person) for person in (*people, unproved)}
    replies = [await forgot(ask, person.portal, row.email) for person in people if (row := rows[person.id])]
    replies += [
        await forgot(ask, portal, "nobody@acme.test"),
        await forgot(ask, portal, ""),
        await forgot(ask, portal, "x" * 5000),
        await forgot(ask, named.portal, "b.oak"),  # a username is no address
        await forgot(ask, portal, (rows[unproved.id] or people[0]).email),  # type: ignore[union-attr]  # a row
        await call(ask, "requestPasswordReset", portalSlug="nowhere", email="user.1@acme.test"),
        await forgot(ask, None, idle_staff.login),
        await forgot(ask, None, "nobody@msp.test"),
    ]

    assert replies == [ALWAYS] * len(replies)
    assert await nothing_is_queued()


async def test_the_link_goes_to_the_verified_address_also_while_another_waits(world: World, ask: Ask) -> None:
    bob = await world.user(email="old@acme.test")
    await PortalUser.filter(id=bob.id).update(pending_email="new@acme.test", pending_email_key="new@acme.test")

    for address in ("new@acme.test", "old@acme.test"):
        assert await forgot(ask, bob.portal, address) == ALWAYS

    assert await mail_to(bob) == [Queued("PASSWORD_RESET", "old@acme.test", "QUEUED")]


async def test_asking_again_after_a_minute_mails_the_same_link_again(world: World, ask: Ask, clock: TestClock) -> None:
    bob, first = await asked(world, ask)
    clock.advance(A_MINUTE - A_SECOND)
    assert await forgot(ask, bob.portal, "bob@acme.test") == ALWAYS
    assert len(await mail_to(bob)) == 1
    clock.advance(A_SECOND)

    await forgot(ask, bob.portal, "bob@acme.test")

    assert [mail.kind for mail in await mail_to(bob)] == ["PASSWORD_RESET"] * 2
    assert await living(world, bob) == [True]
    assert code_of(await reset(ask, first)) is None


async def test_a_stranger_who_asks_every_minute_ends_no_link_of_an_admin(
    world: World, ask: Ask, clock: TestClock
) -> None:
    ann, bob = await world.portal_admin(), await world.user(email="bob@acme.test")
    await ask.act("resetPasswords", ann, bob)
    token = await link_of(world, bob)

    for _ in range(59):
        clock.advance(A_MINUTE)
        assert await forgot(ask, bob.portal, "bob@acme.test") == ALWAYS

    assert await living(world, bob) == [True]
    assert len(await mail_to(bob)) == FOR_STRANGERS.per_hour
    assert code_of(await reset(ask, token)) is None
    assert await world.status(bob) is Status.ACTIVE


async def test_a_link_that_is_mailed_again_keeps_its_own_end(world: World, ask: Ask, clock: TestClock) -> None:  # K17
    bob, token = await asked(world, ask)
    clock.advance(timedelta(hours=24) - A_SECOND)
    await forgot(ask, bob.portal, "bob@acme.test")
    clock.advance(A_SECOND)

    assert code_of(await reset(ask, token)) == "INVALID_TOKEN"
    clock.advance(A_MINUTE)
    await forgot(ask, bob.portal, "bob@acme.test")
    assert await living(world, bob) == [False, True]


async def test_a_day_of_requests_mails_an_address_no_more_than_its_share(
    world: World, ask: Ask, clock: TestClock
) -> None:
    bob = await world.user(email="bob@acme.test")

    for _ in range(24 * 4):
        await forgot(ask, bob.portal, "bob@acme.test")
        clock.advance(timedelta(minutes=15))

    assert len(await mail_to(bob)) == FOR_STRANGERS.per_day


async def test_strangers_leave_an_admin_a_share_and_then_a_reset_waits(
    world: World, ask: Ask, clock: TestClock
) -> None:
    ann, bob = await world.portal_admin(), await world.user(email="bob@acme.test")
    for _ in range(FOR_STRANGERS.per_hour + 1):
        await forgot(ask, bob.portal, "bob@acme.test")
        clock.advance(A_MINUTE)

    first = await ask.act("resetPasswords", ann, bob)
    clock.advance(A_MINUTE)
    second = await ask.act("resetPasswords", ann, bob)

    assert first["outcomes"][0]["reason"] is None
    reason = second["outcomes"][0]["reason"]
    assert (reason["code"], reason["retryAt"]) == ("COOLDOWN", "2026-03-01T10:00:00.000Z")


@pytest.mark.parametrize("is_staff", [False, True])
async def test_known_and_unknown_addresses_cost_the_same_statements_and_rows(
    world: World, ask: Ask, is_staff: bool
) -> None:
    portal = await world.portal()
    known = (await world.mssp_admin()).login if is_staff else "bob@acme.test"
    await world.user(email="bob@acme.test")

    costs, slug = [], None if is_staff else portal.slug
    for email in (known, "nobody@acme.test"):
        with statements() as sent:
            await call(ask, "requestPasswordReset", portalSlug=slug, email=email)
            await world.parts.runtime.transactions.settled()
        costs.append([text.partition(": ")[0] for text in sent])

    assert costs[0] == costs[1]
    assert [await ResetRequest.all().count(), await OutboxMail.all().count()] == [2, 0]


async def test_a_request_that_no_worker_answered_within_an_hour_mails_nothing(
    world: World, ask: Ask, clock: TestClock
) -> None:
    bob = await world.user(email="bob@acme.test")
    assert bob.portal
    await call(ask, "requestPasswordReset", portalSlug=bob.portal.slug, email="bob@acme.test")
    clock.advance(timedelta(hours=1))

    await world.answer_resets()

    assert await mail_to(bob) == []
    assert not await ResetRequest.exists()


async def test_who_asks_too_often_is_slowed_down_alike_for_addresses_that_exist_and_that_do_not(
    world: World, ask: Ask
) -> None:
    bob = await world.user(email="bob@acme.test")

    of_bob = [code_of(await forgot(ask, bob.portal, "bob@acme.test")) for _ in range(50)]
    of_nobody = [code_of(await forgot(ask, bob.portal, "nobody@acme.test")) for _ in range(50)]
    too_many = [await forgot(ask, bob.portal, email) for email in ("bob@acme.test", "nobody@acme.test")]

    assert of_bob == of_nobody == [None] * 50
    assert [code_of(payload) for payload in too_many] == ["RATE_LIMITED"] * 2
    assert too_many[0] == too_many[1]
    assert len(await mail_to(bob)) == 1


async def test_an_address_that_does_not_exist_leaves_the_same_trace_and_costs_the_same_commit(
    world: World, ask: Ask
) -> None:
    bob = await world.user(email="bob@acme.test")

    for email in ("bob@acme.test", "nobody@acme.test", "nobody@acme.test"):
        await forgot(ask, bob.portal, email)

    counted = await SignInAttempts.all()
    assert len(counted) == 2
    assert [counter.account_id for counter in counted] == [None, None]
    assert {table for table, _ in await places_of("nobody@acme.test")} == set()


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
async def test_a_new_password_makes_the_user_active_and_signs_nobody_in(
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
    assert not await drift(world.parts.runtime)


async def test_from_an_admin_s_reset_until_the_new_password_sign_in_is_refused_with_either(
    world: World, ask: Ask
) -> None:  # K18
    ann, bob = await world.portal_admin(), await world.user(password=PASSWORD)
    assert bob.portal
    await ask.act("resetPasswords", ann, bob)
    refused = [await sign_in(ask, bob.login, password, bob.portal.slug) for password in (PASSWORD, NEW_PASSWORD)]

    await reset(ask, await link_of(world, bob))

    assert [answer["session"] for answer in refused] == [None, None]
    assert refused[0]["blockers"] == ["RESET_PENDING"]
    assert (await sign_in(ask, bob.login, NEW_PASSWORD, bob.portal.slug))["session"]


@pytest.mark.parametrize("status", MAY_NOT)
async def test_the_link_of_somebody_who_lost_his_access_meanwhile_sets_nothing(
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
async def test_a_link_opens_nothing_where_nobody_signs_in_with_a_password(
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


async def test_the_owner_is_told_by_mail_and_the_log_names_nobody_s_address(world: World, ask: Ask) -> None:
    ann = await world.portal_admin()
    bob, token = await asked(world, ask)

    await reset(ask, token)

    assert (await mail_to(bob))[1:] == [Queued("PASSWORD_CHANGED", "bob@acme.test", "QUEUED")]
    (event,) = (await ask("{ auditLog { nodes { event actor { id } userId } } }", actor=ann)).data["auditLog"]["nodes"]
    assert (event["event"], event["actor"]["id"], event["userId"]) == ("user.password_set", bob.gid, bob.gid)
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


async def test_strangers_with_a_stale_token_are_strangers(world: World, ask: Ask) -> None:
    bob = await world.user(email="bob@acme.test")
    assert bob.portal

    payload = await call(ask, "requestPasswordReset", bearer="stale", portalSlug=bob.portal.slug, email="bob@acme.test")
    await world.answer_resets()

    assert payload == ALWAYS
    assert len(await fetch(sql("SELECT id FROM link_token"))) == 1
