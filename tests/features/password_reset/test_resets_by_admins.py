"""Password resets by an admin: what they change, and what stays blocked until the user sets a new password."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from models.tables import OutboxMail, Portal
from rules.access import Role
from rules.lifecycle.statuses import Status, StatusReason
from services.admin.doctor import find_wrong_values
from tests.support.databases.stored import places_of
from tests.support.mail.mailed import Queued, link, living, mail_to, tokens
from tests.support.world import PASSWORD, Ask, Person, TestClock, World
from tests.support.world.answers import counts, reason, reasons, sign_in, standing

BLOCKERS = "query ($id: ID!) { user(id: $id) { signInBlockers { code } } }"

A_MINUTE = timedelta(minutes=1)

AN_INSTANT = timedelta(milliseconds=1)


async def blockers(ask: Ask, viewer: Person, user: Person) -> list[str]:
    found = (await ask(BLOCKERS, actor=viewer, id=user.gid)).data["user"]["signInBlockers"]
    return [str(blocker["code"]) for blocker in found]


@pytest.mark.parametrize("before", [Status.ACTIVE, Status.AWAITING_NEW_PASSWORD])
async def test_a_reset_puts_the_user_into_recovery_which_counts_as_enabled(
    world: World, ask: Ask, before: Status
) -> None:  # K2, T9
    ann, bob = await world.portal_admin(), await world.user(status=before)

    payload = await ask.act("resetPasswords", ann, bob)

    user = payload["outcomes"][0]["user"]
    assert standing(payload) == [(before, "RECOVERY")]
    assert (user["status"], user["statusReason"], user["category"]) == (
        "RECOVERY",
        "RESET_REQUESTED_BY_ADMIN",
        "ENABLED",
    )
    assert counts(payload["licenseTiles"][0])["ACTIVE_USERS"] == 2
    assert not await find_wrong_values(world.parts.runtime)


async def test_a_reset_sends_each_user_one_mail_with_a_link_of_its_own(world: World, ask: Ask) -> None:  # K2, K3
    ann, people = await world.portal_admin(), await world.users(3)

    await ask.act("resetPasswords", ann, *people)

    for person in people:
        (token,) = await tokens(world, person)
        row = await world.row(person)
        assert row
        assert await mail_to(person) == [Queued("PASSWORD_RESET", row.email or "", "QUEUED")]
        assert (await link(token)).user_id == person.id
        assert (await link(token)).purpose == "RESET_PASSWORD"
        assert await OutboxMail.filter(user_id=person.id, link_id=(await link(token)).id).count() == 1


async def test_a_link_is_stored_as_a_hash_that_opens_nothing(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await world.user()

    await ask.act("resetPasswords", ann, bob)

    (token,) = await tokens(world, bob)
    assert await places_of(token) == []
    assert await places_of((await link(token)).token_hash) == [("link_token", "token_hash")]


@pytest.mark.parametrize(("policy", "hours"), [({}, 24), ({"password_reset_ttl_hours": 2}, 2)])
async def test_a_reset_link_lives_twenty_four_hours_or_as_long_as_the_portal_says(
    world: World, ask: Ask, clock: TestClock, policy: dict[str, Any], hours: int
) -> None:  # K17
    await world.portal(**policy)
    ann, bob = await world.portal_admin(), await world.user()

    await ask.act("resetPasswords", ann, bob)

    end, second = clock.now() + timedelta(hours=hours), timedelta(seconds=1)
    assert [await living(world, bob, at) for at in (end - second, end, end + second)] == [[True], [False], [False]]


async def test_a_reset_ends_every_session_of_that_user_and_of_no_other(world: World, ask: Ask) -> None:  # L9
    ann, bob, eve = await world.portal_admin(), await world.user(), await world.user()
    devices = [await world.token(bob), await world.token(bob)]

    await ask.act("resetPasswords", ann, bob)

    assert all([(await ask("{ viewer { name } }", token=token)).unauthenticated for token in devices])
    assert (await ask("{ viewer { name } }", actor=eve)).data["viewer"]


async def test_until_a_new_password_is_set_sign_in_is_refused_with_the_old_one_too(
    world: World, ask: Ask, clock: TestClock
) -> None:  # K18
    ann, bob = await world.portal_admin(), await world.user(password=PASSWORD)
    assert bob.portal

    await ask.act("resetPasswords", ann, bob)

    answer = await sign_in(ask, bob.login, PASSWORD, bob.portal.slug)
    assert (answer["session"], answer["blockers"], answer["errors"]) == (None, [{"code": "RESET_PENDING"}], [])
    assert await blockers(ask, ann, bob) == ["RESET_PENDING"]
    clock.advance(timedelta(hours=25))  # the link has run out; the reset has not
    assert (await sign_in(ask, bob.login, PASSWORD, bob.portal.slug))["blockers"] == [{"code": "RESET_PENDING"}]


async def test_a_pending_reset_is_shown_only_once_the_password_is_proved(world: World, ask: Ask) -> None:  # K18
    ann, bob = await world.portal_admin(), await world.user(password=PASSWORD)
    assert bob.portal

    await ask.act("resetPasswords", ann, bob)

    wrong = await sign_in(ask, bob.login, "wrong horse battery staple", bob.portal.slug)
    assert wrong == await sign_in(ask, "never.was", PASSWORD, bob.portal.slug)


async def test_asked_again_the_earlier_link_is_dead_and_the_new_one_lives(
    world: World, ask: Ask, clock: TestClock
) -> None:  # K2
    ann, bob = await world.portal_admin(), await world.user()
    await ask.act("resetPasswords", ann, bob)
    clock.advance(A_MINUTE)

    payload = await ask.act("resetPasswords", ann, bob)

    assert standing(payload) == [("RECOVERY", "RECOVERY")]
    assert await living(world, bob) == [False, True]
    assert len(await mail_to(bob)) == 2


async def test_one_reset_mail_a_minute_goes_to_a_user(world: World, ask: Ask, clock: TestClock) -> None:
    ann, bob, eve = await world.portal_admin(), await world.user(), await world.user()
    await ask.act("resetPasswords", ann, bob)
    clock.advance(A_MINUTE - AN_INSTANT)

    early = await ask.act("resetPasswords", ann, bob, eve)
    clock.advance(AN_INSTANT)
    in_time = await ask.act("resetPasswords", ann, bob)

    told = early["outcomes"][0]["reason"]
    assert reasons(early) == ["COOLDOWN", None]
    assert (told["retryable"], told["retryAt"]) == (True, "2026-03-01T09:01:00.000Z")
    assert reason(in_time) is None
    assert len(await mail_to(bob)) == 2


@pytest.mark.parametrize(("out", "back"), [("lockUsers", "unlockUsers"), ("deactivateUsers", "activateUsers")])
async def test_a_pending_reset_is_not_undone_by_a_detour(world: World, ask: Ask, out: str, back: str) -> None:  # K18
    ann, bob = await world.portal_admin(), await world.user(password=PASSWORD)
    assert bob.portal
    await ask.act("resetPasswords", ann, bob)

    await ask.act(out, ann, bob)
    meanwhile = await blockers(ask, ann, bob)
    payload = await ask.act(back, ann, bob)

    assert "RESET_PENDING" in meanwhile
    assert payload["outcomes"][0]["user"]["status"] == "RECOVERY"
    assert payload["outcomes"][0]["user"]["statusReason"] == StatusReason.RESET_REQUESTED_BY_ADMIN
    assert (await sign_in(ask, bob.login, PASSWORD, bob.portal.slug))["blockers"] == [{"code": "RESET_PENDING"}]
    assert await living(world, bob) == [True]


async def test_an_admin_s_password_is_reset_by_another_admin_and_by_staff(world: World, ask: Ask) -> None:
    portal = await world.portal()
    ann, bob, eve = [await world.portal_admin(portal) for _ in range(3)]
    tim = await world.staff(Role.MSSP_TECHNICIAN, portals=(portal,))

    by_an_admin, by_staff = await ask.act("resetPasswords", ann, bob), await ask.act("resetPasswords", tim, ann, eve)

    assert reasons(by_an_admin) + reasons(by_staff) == [None] * 3
    assert (await Portal.get(id=portal.id)).enabled_admins == 3


async def test_the_log_says_who_asked_for_a_reset_and_why_and_has_no_address(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await world.user(email="canary@acme.test")

    await ask.act("resetPasswords", ann, bob, reason="ticket 7")

    document = "{ auditLog { nodes { event actor { id } userId reason changes { field before after } } } }"
    (event,) = (await ask(document, actor=ann)).data["auditLog"]["nodes"]
    assert (event["event"], event["actor"]["id"]) == ("USER_PASSWORD_RESET_REQUESTED", ann.gid)
    assert (event["userId"], event["reason"]) == (bob.gid, "ticket 7")
    assert {"field": "status", "before": "ACTIVE", "after": "RECOVERY"} in event["changes"]
    assert {table for table, _ in await places_of("canary@acme.test")} == {"portal_user", "outbox_mail", "link_token"}
