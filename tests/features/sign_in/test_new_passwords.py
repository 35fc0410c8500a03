"""A sign-in with an expired password requires a new password (T6)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from models.tables import Portal, PortalUser, StaffMember
from rules.lifecycle.statuses import Status, StatusReason
from services.admin.doctor import find_wrong_values
from tests.features.mfa.enrolling import code, enrolled
from tests.features.mfa.test_challenges import answered
from tests.support.mail.mailed import mail_to
from tests.support.world import PASSWORD, Ask, Person, TestClock, World
from tests.support.world.answers import barred, sign_in

COMPLETE = """
mutation ($input: CompletePasswordChangeInput!) {
  completePasswordChange(input: $input) {
    session { accessToken viewer { id } } passwordChange { token } blockers { code } errors { code path message params { name value } }
  }
}
"""
NEW = "tall green umbrella stand"
DAYS = 90


async def an_old_password(world: World, clock: TestClock, **given: Any) -> Person:
    """Return a user whose password has just expired."""
    portal = await world.portal("acme", password_max_age_days=DAYS)
    bob = await world.user(portal, password=PASSWORD, **given)
    clock.advance(timedelta(days=DAYS))
    return bob


async def asked(ask: Ask, person: Person) -> str:
    """Sign in with the expired password. Return the token of the required password change."""
    payload = await sign_in(ask, person.login, PASSWORD, person.portal.slug if person.portal else None)
    assert (payload["session"], payload["blockers"], payload["errors"]) == (None, [], [])
    return str(payload["passwordChange"]["token"])


async def completed(ask: Ask, token: str, password: str = NEW) -> Any:  # a test's
    """Set a new password. Return "in" for a session, otherwise the codes of the blockers and errors."""
    payload = (await ask(COMPLETE, input={"token": token, "password": password})).data["completePasswordChange"]
    return "in" if payload["session"] else [each["code"] for each in [*payload["blockers"], *payload["errors"]]]


async def test_a_password_that_has_run_out_is_replaced_at_the_next_sign_in(  # T6
    world: World, ask: Ask, clock: TestClock
) -> None:
    bob = await an_old_password(world, clock)
    ann = await world.portal_admin(bob.portal)

    token = await asked(ask, bob)
    waiting = await world.row(bob)
    answer = await completed(ask, token)

    assert waiting
    assert (waiting.status, waiting.status_reason) == (Status.AWAITING_NEW_PASSWORD, StatusReason.PASSWORD_EXPIRED)
    assert answer == "in"
    assert await world.status(bob) is Status.ACTIVE
    assert (await sign_in(ask, bob.login, NEW, "acme"))["session"]
    assert (await sign_in(ask, bob.login, PASSWORD, "acme"))["errors"]
    told = (await ask("{ auditLog { nodes { event } } }", actor=ann)).data["auditLog"]["nodes"]
    assert [e["event"] for e in told] == [
        "USER_SIGN_IN_FAILED",
        "USER_SIGNED_IN",
        "USER_SIGNED_IN",
        "USER_PASSWORD_SET",
        "USER_PASSWORD_EXPIRED",
    ]
    assert [mail.kind for mail in await mail_to(bob)] == ["PASSWORD_CHANGED"]
    assert await find_wrong_values(world.parts.runtime) == []


async def test_a_second_before_it_is_still_good(world: World, ask: Ask, clock: TestClock) -> None:  # T6
    bob = await an_old_password(world, clock)
    clock.advance(-timedelta(seconds=1))

    assert (await sign_in(ask, bob.login, PASSWORD, "acme"))["session"]


async def test_a_user_who_awaits_a_new_password_is_asked_however_young_the_old_one(
    world: World, ask: Ask
) -> None:  # T6
    portal = await world.portal("acme")
    bob = await world.user(portal, status=Status.AWAITING_NEW_PASSWORD, password=PASSWORD)

    assert await completed(ask, await asked(ask, bob)) == "in"
    assert await world.status(bob) is Status.ACTIVE


@pytest.mark.parametrize(
    ("password", "why"), [(PASSWORD, "have"), ("too short", "15"), ("passwordpassword1", "guess"), ("", "15")]
)
async def test_a_weak_one_and_the_old_one_are_refused_and_the_step_stays_good(
    world: World, ask: Ask, clock: TestClock, password: str, why: str
) -> None:
    bob = await an_old_password(world, clock)
    token = await asked(ask, bob)

    payload = (await ask(COMPLETE, input={"token": token, "password": password})).data["completePasswordChange"]

    (error,) = payload["errors"]
    assert (error["code"], error["path"]) == ("WEAK_PASSWORD", ["input", "password"])
    assert why in error["message"]
    assert await completed(ask, token) == "in"


async def test_a_step_lives_fifteen_minutes_and_is_good_once(world: World, ask: Ask, clock: TestClock) -> None:
    bob = await an_old_password(world, clock)
    used = await asked(ask, bob)
    late = await asked(ask, bob)
    assert await completed(ask, used) == "in"

    again = await completed(ask, used, "another green umbrella")
    other = await completed(ask, late, "another green umbrella")

    assert (again, other) == (["INVALID_TOKEN"], ["INVALID_TOKEN"])


async def test_fifteen_minutes_later_it_is_over(world: World, ask: Ask, clock: TestClock) -> None:
    bob = await an_old_password(world, clock)
    token = await asked(ask, bob)

    clock.advance(timedelta(minutes=15))

    assert await completed(ask, token) == ["INVALID_TOKEN"]


async def test_living_sessions_end_with_the_old_password(world: World, ask: Ask, clock: TestClock) -> None:
    bob = await an_old_password(world, clock)
    await PortalUser.filter(id=bob.id).update(password_changed_at=clock.now())
    session = (await sign_in(ask, bob.login, PASSWORD, "acme"))["session"]
    await PortalUser.filter(id=bob.id).update(password_changed_at=clock.now() - timedelta(days=DAYS))

    await completed(ask, await asked(ask, bob))

    assert (await ask("{ viewer { id } }", token=session["accessToken"])).unauthenticated


async def test_an_admin_s_reset_goes_before_it(world: World, ask: Ask, clock: TestClock) -> None:  # K18
    bob = await an_old_password(world, clock)
    ann = await world.portal_admin(bob.portal)
    token = await asked(ask, bob)

    await ask.act("resetPasswords", ann, bob)

    assert await completed(ask, token) == ["RESET_PENDING"]
    assert await sign_in(ask, bob.login, PASSWORD, "acme") == barred("RESET_PENDING")
    assert await world.status(bob) is Status.RECOVERY


@pytest.mark.parametrize(("action", "blocker"), [("deactivateUsers", "DEACTIVATED"), ("lockUsers", "SUSPENDED")])
async def test_a_user_who_is_blocked_meanwhile_sets_no_password(  # L9
    world: World, ask: Ask, clock: TestClock, action: str, blocker: str
) -> None:
    bob = await an_old_password(world, clock)
    ann = await world.portal_admin(bob.portal)
    token = await asked(ask, bob)

    await ask.act(action, ann, bob)

    assert await completed(ask, token) == ["NEW_PASSWORD_REQUIRED", blocker]
    assert await sign_in(ask, bob.login, PASSWORD, "acme") == barred("NEW_PASSWORD_REQUIRED", blocker)


async def test_a_step_that_blockers_stopped_is_good_once_they_are_gone(
    world: World, ask: Ask, clock: TestClock
) -> None:
    bob = await an_old_password(world, clock)
    ann = await world.portal_admin(bob.portal)
    token = await asked(ask, bob)
    await ask.act("lockUsers", ann, bob)

    blocked = await completed(ask, token)
    await ask.act("unlockUsers", ann, bob)

    assert blocked == ["NEW_PASSWORD_REQUIRED", "SUSPENDED"]
    assert await completed(ask, token) == "in"


async def test_the_second_factor_comes_first(world: World, ask: Ask, clock: TestClock) -> None:
    portal = await world.portal("acme")
    bob = await world.user(portal, password=PASSWORD)
    enrollment = await enrolled(world, ask, bob)
    await Portal.filter(id=portal.id).update(password_max_age_days=DAYS)
    clock.advance(timedelta(days=DAYS))

    payload = await sign_in(ask, bob.login, PASSWORD, "acme")
    reply = await ask(
        "mutation ($i: CompleteMfaChallengeInput!) { completeMfaChallenge(input: $i) { passwordChange { token } } }",
        i={"challengeToken": payload["mfaChallenge"]["challengeToken"], "code": code(world, enrollment["secret"])},
    )

    assert payload["passwordChange"] is None
    assert await completed(ask, reply.data["completeMfaChallenge"]["passwordChange"]["token"], "8 chars!x") == "in"
    assert await answered(ask, "made up", code="1") == ["INVALID_TOKEN"]


@pytest.mark.parametrize("kind", ["user", "staff"])
async def test_a_password_too_short_without_a_second_factor_is_replaced(world: World, ask: Ask, kind: str) -> None:
    bob = await (world.mssp_admin(password=PASSWORD) if kind == "staff" else world.user(password=PASSWORD))
    await (StaffMember if kind == "staff" else PortalUser).filter(id=bob.id).update(password_is_short=True)

    refused = await completed(ask, await asked(ask, bob), "8 chars!")
    answer = await completed(ask, await asked(ask, bob))

    assert (refused, answer) == (["WEAK_PASSWORD"], "in")
    assert (await sign_in(ask, bob.login, NEW, bob.portal.slug if bob.portal else None))["session"]


async def test_passwords_of_staff_do_not_run_out(world: World, ask: Ask, clock: TestClock) -> None:
    nora = await world.mssp_admin(password=PASSWORD)

    clock.advance(timedelta(days=5000))

    assert (await sign_in(ask, nora.login, PASSWORD))["session"]


async def test_a_locked_out_user_whose_step_was_begun_before_comes_in_by_it(  # the event table
    world: World, ask: Ask, clock: TestClock
) -> None:
    bob = await an_old_password(world, clock)
    token = await asked(ask, bob)
    await PortalUser.filter(id=bob.id).update(status=Status.LOCKED_OUT, resume_status=Status.AWAITING_NEW_PASSWORD)
    await Portal.all().update(locked_out=1, awaiting_new_password=0)

    assert await completed(ask, token) == "in"
    assert await world.status(bob) is Status.ACTIVE
