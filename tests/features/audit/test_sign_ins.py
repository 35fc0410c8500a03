"""Signing in and out, failed sign-ins and verified addresses in the audit log."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from models.tables import FailedSignIns
from rules.auth.lockout import FAILURES_LOGGED_EVERY
from rules.housekeeping import Task
from rules.lifecycle.statuses import Status
from services.housekeeping.run import Housekeeping
from tests.features.account.editing import update
from tests.features.audit.test_audit import change
from tests.features.invitations.accepting import invited
from tests.features.invitations.inviting import accept
from tests.support.mail.mailed import tokens
from tests.support.world import PASSWORD, Ask, Person, TestClock, World
from tests.support.world.answers import sign_in

OF_SIGN_INS = "USER_SIGNED_IN, USER_SIGN_IN_FAILED, USER_SIGNED_OUT, USER_EMAIL_VERIFIED"
LOG = f"""
query ($id: ID!) {{
  user(id: $id) {{ auditLog(filter: {{eventIn: [{OF_SIGN_INS}]}}) {{
    nodes {{ event at actorName isSystem changes {{ field before after }} }}
  }} }}
}}
"""
ALL = f"{{ auditLog(filter: {{eventIn: [{OF_SIGN_INS}]}}) {{ nodes {{ event userId }} }} }}"
OF_STAFF = "{ auditLog { nodes { event changes { field before after } } } }"
SIGN_OUT = "mutation ($input: SignOutInput!) { signOut(input: $input) { errors { code } } }"
SESSION = "query ($id: ID!) { node(id: $id) { ... on AccountSession { ipAddress } } }"
VERIFY = "mutation ($link: String!) { verifyEmail(input: {token: $link}) { errors { code } } }"
A_MINUTE = timedelta(minutes=1)


async def log(ask: Ask, viewer: Person, person: Person) -> list[Any]:
    """Return the events in the person's audit log, oldest first."""
    return list(reversed((await ask(LOG, actor=viewer, id=person.gid)).data["user"]["auditLog"]["nodes"]))


async def counts(ask: Ask, viewer: Person, person: Person) -> list[str]:
    """Return the value of `failedSignIns` in each event about failed sign-ins, oldest first."""
    events = [event for event in await log(ask, viewer, person) if event["event"] == "USER_SIGN_IN_FAILED"]
    assert all((event["actorName"], event["isSystem"]) == ("System", True) for event in events)
    return [change["after"] for event in events for change in event["changes"] if change["field"] == "failedSignIns"]


async def guess(ask: Ask, person: Person, times: int = 1) -> None:
    for _ in range(times):
        await sign_in(ask, person.login, "not the password", "acme")


async def test_a_sign_in_names_its_session_and_hides_its_address_from_portal_admins(world: World, ask: Ask) -> None:
    portal = await world.portal("acme")
    ann, nora, bob = (
        await world.portal_admin(portal),
        await world.mssp_admin(),
        await world.user(portal, password=PASSWORD),
    )

    await sign_in(ask, bob.login, PASSWORD, "acme")

    (written,) = await log(ask, ann, bob)
    session = written["changes"][0]["after"]
    assert (written["event"], written["isSystem"]) == ("USER_SIGNED_IN", False)
    assert written["changes"] == [change("session", None, session)]
    assert (await ask(SESSION, actor=nora, id=session)).data["node"] == {"ipAddress": "127.0.0.1"}
    assert (await ask(SESSION, actor=ann, id=session)).data["node"] == {"ipAddress": None}


async def test_who_manages_the_user_sees_the_events_and_no_one_else(world: World, ask: Ask) -> None:  # L3
    portal, sibling = await world.portal("acme"), await world.portal("sibling")
    bob = await world.user(portal, password=PASSWORD)
    await sign_in(ask, bob.login, PASSWORD, "acme")
    await guess(ask, bob)
    foreign = await world.mssp_admin(await world.mssp())
    readers = [await world.portal_admin(portal), await world.technician(portal), await world.mssp_admin()]
    strangers = [await world.portal_admin(sibling), await world.technician(sibling), foreign, bob]

    for reader in readers:
        assert len((await ask(ALL, actor=reader)).data["auditLog"]["nodes"]) == 2
    for stranger in strangers:
        assert (await ask(ALL, actor=stranger)).data["auditLog"]["nodes"] == []


async def test_an_hour_of_guesses_is_one_event_and_the_next_event_counts_them(
    world: World, ask: Ask, clock: TestClock
) -> None:
    portal = await world.portal("acme", lockout_threshold=4)
    ann, bob = await world.portal_admin(portal), await world.user(portal, password=PASSWORD)

    await guess(ask, bob, times=6)
    clock.advance(FAILURES_LOGGED_EVERY - timedelta(milliseconds=1))
    await guess(ask, bob)
    within = await counts(ask, ann, bob)
    clock.advance(timedelta(milliseconds=1))
    await guess(ask, bob)

    assert (within, await counts(ask, ann, bob)) == (["1"], ["1", "7"])


async def test_housekeeping_writes_the_guesses_that_no_event_counts(world: World, ask: Ask, clock: TestClock) -> None:
    portal = await world.portal("acme")
    ann, bob, eve = await world.portal_admin(portal), await world.user(portal), await world.user(portal)
    housekeeping = Housekeeping(world.parts.runtime)
    await guess(ask, bob, times=3)
    await guess(ask, eve)

    early = await housekeeping.run()
    clock.advance(FAILURES_LOGGED_EVERY)
    reports = [early, await housekeeping.preview(), await housekeeping.run(), await housekeeping.run()]

    assert [report and report.done[Task.LOG_FAILED_SIGN_INS] for report in reports] == [0, 1, 1, 0]
    assert (await counts(ask, ann, bob), await counts(ask, ann, eve)) == (["1", "2"], ["1"])


async def test_a_sign_in_with_the_right_password_during_a_lockout_failed_too(world: World, ask: Ask) -> None:
    portal = await world.portal("acme")
    ann = await world.portal_admin(portal)
    bob = await world.user(portal, password=PASSWORD, status=Status.LOCKED_OUT)

    await sign_in(ask, bob.login, PASSWORD, "acme")

    assert await counts(ask, ann, bob) == ["1"]


async def test_a_guess_at_an_unknown_login_writes_nothing(world: World, ask: Ask) -> None:
    ann = await world.portal_admin(await world.portal("acme"))

    await sign_in(ask, "absent@acme.test", "not the password", "acme")

    assert (await ask(ALL, actor=ann)).data["auditLog"]["nodes"] == []
    assert await FailedSignIns.all().count() == 0


async def test_a_clock_that_was_ahead_delays_no_event(world: World, ask: Ask, clock: TestClock) -> None:
    portal = await world.portal("acme")
    ann, bob = await world.portal_admin(portal), await world.user(portal)
    await guess(ask, bob)
    await FailedSignIns.filter(account_id=bob.id).update(logged_at=clock.now() + timedelta(days=300))

    await guess(ask, bob)

    assert await counts(ask, ann, bob) == ["1", "1"]


async def test_a_deleted_user_leaves_no_failures_behind(world: World, ask: Ask) -> None:  # K32
    portal = await world.portal("acme")
    ann, bob = await world.portal_admin(portal), await world.user(portal)
    await guess(ask, bob)

    await ask.act("deleteUsers", ann, bob)

    assert await FailedSignIns.all().count() == 0


@pytest.mark.parametrize("everywhere", [False, True])
async def test_a_sign_out_names_the_sessions_that_it_ended(world: World, ask: Ask, *, everywhere: bool) -> None:
    portal = await world.portal("acme")
    ann, bob = await world.portal_admin(portal), await world.user(portal, password=PASSWORD)
    tokens = [(await sign_in(ask, bob.login, PASSWORD, "acme"))["session"]["accessToken"] for _ in range(2)]

    await ask(SIGN_OUT, token=tokens[1], input={"everywhere": everywhere})

    first, second, out = await log(ask, ann, bob)
    began = [event["changes"][0]["after"] for event in (first, second)]
    assert out["event"] == "USER_SIGNED_OUT"
    ended = {(each["field"], each["before"], each["after"]) for each in out["changes"]}
    assert ended == {("session", session, None) for session in (began if everywhere else began[1:])}


async def test_a_session_that_is_gone_is_signed_out_without_an_event(world: World, ask: Ask) -> None:
    portal = await world.portal("acme")
    ann, bob = await world.portal_admin(portal), await world.user(portal, password=PASSWORD)
    await sign_in(ask, bob.login, PASSWORD, "acme")
    first = (await log(ask, ann, bob))[0]["changes"][0]["after"]

    for _ in range(2):
        await ask(SIGN_OUT, actor=bob, input={"sessionId": first})

    assert [event["event"] for event in await log(ask, ann, bob)] == ["USER_SIGNED_IN", "USER_SIGNED_OUT"]


async def test_an_address_is_verified_by_its_link(world: World, ask: Ask, clock: TestClock) -> None:
    portal = await world.portal("acme")
    ann, bob = await world.portal_admin(portal), await world.user(portal)
    await update(ask, ann, bob, email="new@acme.test")
    (link,) = await tokens(world, bob)
    clock.advance(A_MINUTE)

    await ask(VERIFY, link=link)

    (written,) = await log(ask, ann, bob)
    assert written["event"] == "USER_EMAIL_VERIFIED"
    assert written["changes"] == [change("emailVerifiedAt", "2026-03-01T09:00:00.000Z", "2026-03-01T09:01:00.000Z")]


async def test_an_accepted_invitation_verifies_the_address_and_signs_in(world: World, ask: Ask) -> None:
    ann, ada, token = await invited(world, ask)

    await accept(ask, token)

    verified, signed_in = await log(ask, ann, ada)
    assert (verified["event"], signed_in["event"]) == ("USER_EMAIL_VERIFIED", "USER_SIGNED_IN")
    assert verified["changes"] == [change("emailVerifiedAt", None, "2026-03-01T09:00:00.000Z")]


async def test_sign_ins_of_staff_are_in_the_log_of_the_provider(world: World, ask: Ask) -> None:  # L3
    portal = await world.portal("acme")
    nora, tim = await world.mssp_admin(password=PASSWORD), await world.technician(portal)
    ann = await world.portal_admin(portal)

    await sign_in(ask, nora.login, "not the password")
    token = (await sign_in(ask, nora.login, PASSWORD))["session"]["accessToken"]
    await ask(SIGN_OUT, token=token, input={})

    written = list(reversed((await ask(OF_STAFF, actor=nora)).data["auditLog"]["nodes"]))
    assert [event["event"] for event in written] == ["STAFF_SIGN_IN_FAILED", "STAFF_SIGNED_IN", "STAFF_SIGNED_OUT"]
    subject = change("staffMember", nora.gid, nora.gid)
    session = written[1]["changes"][1]["after"]
    assert [event["changes"] for event in written] == [
        [subject, change("failedSignIns", None, "1")],
        [subject, change("session", None, session)],
        [subject, change("session", session, None)],
    ]
    for other in (tim, ann):
        assert (await ask(OF_STAFF, actor=other)).data["auditLog"]["nodes"] == []
