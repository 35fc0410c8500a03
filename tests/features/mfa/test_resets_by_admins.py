"""Admins remove second factors with resetMfa (T16)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models.tables import OutboxMail, PortalUser
from rules.lifecycle.statuses import Status
from tests.support.mail.mailed import mail_to
from tests.support.world import PASSWORD, Ask, TestClock, World
from tests.support.world.answers import reason, reasons, sign_in, standing

ENROLLED = "query ($id: ID!) { user(id: $id) { mfaEnrolled version modifiedAt statusChangedAt } }"
CONFIRMED = [Status.ACTIVE, Status.AWAITING_NEW_PASSWORD, Status.RECOVERY, Status.LOCKED_OUT, Status.SUSPENDED]


@pytest.mark.parametrize("status", CONFIRMED)
async def test_the_second_factor_goes_and_the_status_stays(  # T16
    world: World, ask: Ask, clock: TestClock, status: Status
) -> None:
    ann, bob = await world.portal_admin(), await world.user(status=status, mfa_enrolled=True)
    before = (await ask(ENROLLED, actor=ann, id=bob.gid)).data["user"]
    clock.advance(timedelta(minutes=1))

    payload = await ask.act("resetMfa", ann, bob)

    after = (await ask(ENROLLED, actor=ann, id=bob.gid)).data["user"]
    assert standing(payload) == [(status, status)]
    assert (before["mfaEnrolled"], after["mfaEnrolled"]) == (True, False)
    assert after["version"] == before["version"] + 1
    assert after["modifiedAt"] > before["modifiedAt"]
    assert after["statusChangedAt"] == before["statusChangedAt"]


@pytest.mark.parametrize(
    ("status", "enrolled", "code"),
    [
        *((status, False, "NO_MFA_ENROLLED") for status in CONFIRMED),
        (Status.STAGED, True, "UNVERIFIED"),
        (Status.PROVISIONED, True, "UNVERIFIED"),
        (Status.DEACTIVATED, True, "INACTIVE"),
        (Status.DEACTIVATED, False, "INACTIVE"),
    ],
)
async def test_the_outcome_says_why_there_is_no_second_factor_to_reset(  # T16
    world: World, ask: Ask, status: Status, enrolled: bool, code: str
) -> None:
    ann, bob = await world.portal_admin(), await world.user(status=status, mfa_enrolled=enrolled)

    payload = await ask.act("resetMfa", ann, bob)

    assert (reason(payload), standing(payload)) == (code, [(status, status)])
    row = await world.row(bob)
    assert row
    assert (row.mfa_enrolled, row.version) == (enrolled, 1)


async def test_once_taken_away_there_is_none_until_the_user_enrols_again(world: World, ask: Ask) -> None:  # T16
    ann, bob = await world.portal_admin(), await world.user(mfa_enrolled=True)

    answers = [reason(await ask.act("resetMfa", ann, bob)) for _ in range(2)]

    assert answers == [None, "NO_MFA_ENROLLED"]
    listed = await ask("{ users(filter: {mfaEnrolled: true}) { totalCount } }", actor=ann)
    assert listed.data["users"]["totalCount"] == 0


async def test_sessions_end_and_the_password_still_opens(world: World, ask: Ask) -> None:  # L9, T16
    ann, eve = await world.portal_admin(), await world.user()
    bob = await world.user(mfa_enrolled=True, password=PASSWORD)
    assert bob.portal
    token = await world.token(bob)

    await ask.act("resetMfa", ann, bob, eve)

    assert (await ask("{ viewer { name } }", token=token)).unauthenticated
    assert (await ask("{ viewer { name } }", actor=eve)).data["viewer"]
    assert (await sign_in(ask, bob.login, PASSWORD, bob.portal.slug))["session"]


async def test_an_admin_does_not_reset_the_own_second_factor(world: World, ask: Ask) -> None:
    ann = await world.portal_admin(mfa_enrolled=True)

    payload = await ask.act("resetMfa", ann, ann)

    assert reason(payload) == "CANNOT_TARGET_SELF"


async def test_it_works_in_an_inactive_portal_too_and_the_owner_is_notified(world: World, ask: Ask) -> None:
    portal = await world.portal(is_active=False)
    nora, bob = await world.mssp_admin(), await world.user(portal, mfa_enrolled=True)

    payload = await ask.act("resetMfa", nora, bob)

    assert reason(payload) is None
    assert [mail.kind for mail in await mail_to(bob)] == ["SECOND_FACTOR_CHANGED"]


async def test_an_admin_who_takes_a_second_factor_away_is_named_to_its_owner(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await world.user(email="bob@acme.test", mfa_enrolled=True)
    eve = await world.user(email="eve@acme.test", mfa_enrolled=True)
    await PortalUser.filter(id=eve.id).update(email_verified_at=None)

    await ask.act("resetMfa", ann, bob, eve)

    (mail,) = await OutboxMail.all()
    assert (mail.recipient, mail.kind, mail.actor_id) == ("bob@acme.test", "SECOND_FACTOR_CHANGED", ann.id)


async def test_several_at_once_have_an_outcome_each_and_the_log_names_the_changed(  # K3, T16
    world: World, ask: Ask
) -> None:
    ann, with_it, without = await world.portal_admin(), await world.users(2, mfa_enrolled=True), await world.user()

    payload = await ask.act("resetMfa", ann, with_it[0], without, with_it[1])

    assert reasons(payload) == [None, "NO_MFA_ENROLLED", None]
    document = "{ auditLog { nodes { event userId changes { field before after } } } }"
    told = (await ask(document, actor=ann)).data["auditLog"]["nodes"]
    assert {event["userId"] for event in told} == {person.gid for person in with_it}
    assert {event["event"] for event in told} == {"USER_MFA_RESET"}
    assert [e["changes"] for e in told] == [[{"field": "mfaEnrolled", "before": "true", "after": "false"}]] * 2
