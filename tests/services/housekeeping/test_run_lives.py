"""Housekeeping deletes rows after the time in `KEPT`, and takes back the seat of an expired invitation."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models.tables import (
    AccountSession,
    AuditEvent,
    BulkOperation,
    BulkOutcome,
    LinkToken,
    OutboxMail,
    PortalUser,
)
from resolvers.core.global_ids import global_id
from rules.housekeeping import KEPT, MOST_PREVIEWS, Task
from rules.lifecycle.statuses import Status
from services.admin.doctor import find_wrong_values
from tests.features.invitations.inviting import invite, invite_new, new_person
from tests.services.housekeeping.running import swept
from tests.support.databases.stored import places_of
from tests.support.world import Ask, TestClock, World
from tests.support.world.bulk_documents import bulk_document


async def test_mails_and_operations_have_a_stated_life(world: World, ask: Ask, clock: TestClock) -> None:
    await world.portal(idle_suspend_days=None)
    ann, bob = await world.mssp_admin(), await world.user()
    await ask.act("lockUsers", ann, bob)
    for n, state in enumerate(("DEAD", "QUEUED")):
        await OutboxMail.create(
            id=world.parts.runtime.new_id(),
            user_id=bob.id,
            portal_id=bob.portal.id if bob.portal else None,
            kind="PASSWORD_CHANGED",
            recipient="bob@acme.test",
            dedupe_key=f"{n}",
            state=state,
            created_at=clock.now(),
            due_at=clock.now(),
            finished_at=clock.now() if state == "DEAD" else None,
        )
    found = []
    for days in (29, 1, 59, 1, 309, 1):
        clock.advance(timedelta(days=days))
        found.append({task for task in await swept(world) if task.name.endswith(("MAILS", "OPERATIONS"))})

    assert found == [set(), {Task.DROP_UNSENT_MAILS}, set(), {Task.DROP_DEAD_MAILS}, set(), {Task.DROP_OPERATIONS}]
    assert not await BulkOutcome.exists()


async def test_an_expired_invitation_gives_its_seat_back_and_a_new_one_takes_one(
    world: World, ask: Ask, clock: TestClock
) -> None:  # K12, seats with ON_INVITE
    portal = await world.portal(seat_mode="ON_INVITE", seats=1)
    ann = await world.portal_admin(portal)
    bob = new_person(await invite_new(ask, ann, portal, {"firstName": "Bob", "email": "bob@acme.test"}))
    full = await invite_new(ask, ann, portal, {"firstName": "Eve", "email": "eve@acme.test"})
    clock.advance(timedelta(days=7) - timedelta(seconds=1))
    early = await swept(world)
    clock.advance(timedelta(seconds=1))
    given_back = await swept(world)
    nora = await world.mssp_admin()
    eve = await invite_new(ask, nora, portal, {"firstName": "Eve", "email": "eve@acme.test"})
    refused = await invite(ask, nora, bob)

    row = await world.row(bob)
    assert row
    assert full["outcomes"][0]["reason"]["code"] == "NO_SEAT_AVAILABLE"
    assert (Task.RELEASE_SEATS in early, given_back[Task.RELEASE_SEATS]) == (False, 1)
    assert (row.status, row.holds_seat) == (Status.PROVISIONED, False)
    assert eve["outcomes"][0]["status"] == "SUCCEEDED"
    assert refused["outcomes"][0]["reason"]["code"] == "NO_SEAT_AVAILABLE"
    assert await find_wrong_values(world.parts.runtime) == []


async def test_an_edit_neither_takes_nor_gives_the_seat_of_an_expired_invitation(
    world: World, ask: Ask, clock: TestClock
) -> None:
    portal = await world.portal(seat_mode="ON_INVITE", seats=1)
    ann = await world.portal_admin(portal)
    bob = new_person(await invite_new(ask, ann, portal, {"firstName": "Bob", "email": "bob@acme.test"}))
    clock.advance(timedelta(days=8))
    await swept(world)
    edit = 'mutation ($id: ID!) { updateUser(input: {id: $id, lastName: "B"}) { errors { code } } }'

    nora = await world.mssp_admin()
    edited = (await ask(edit, actor=nora, id=bob.gid)).data["updateUser"]["errors"]
    again = await invite(ask, nora, bob)

    row = await world.row(bob)
    assert edited == []
    assert again["outcomes"][0]["status"] == "SUCCEEDED"
    assert row
    assert row.holds_seat
    assert await find_wrong_values(world.parts.runtime) == []


async def test_the_doctor_finds_an_active_invitation_without_its_seat(world: World, ask: Ask) -> None:
    portal = await world.portal(seat_mode="ON_INVITE", seats=1)
    ann = await world.portal_admin(portal)
    bob = new_person(await invite_new(ask, ann, portal, {"firstName": "Bob", "email": "bob@acme.test"}))
    await PortalUser.filter(id=bob.id).update(holds_seat=False)

    found = await find_wrong_values(world.parts.runtime)

    assert any("active invitation that holds no seat" in line for line in found)


@pytest.mark.parametrize("number", [10**9, 2**31 - 1])
async def test_policies_beyond_the_calendar_last_a_hundred_years(
    world: World, ask: Ask, clock: TestClock, number: int
) -> None:
    portal = await world.portal(
        invitation_ttl_hours=number,
        password_reset_ttl_hours=number,
        lockout_minutes=number,
        password_max_age_days=number,
        idle_suspend_days=number,
        deactivated_retention_days=number,
    )
    ann, bob = await world.mssp_admin(), await world.user(portal)
    await world.user(portal, status=Status.LOCKED_OUT)
    await world.user(portal, status=Status.DEACTIVATED)

    reset = await ask.act("resetPasswords", ann, bob)
    invited = await invite_new(ask, ann, portal, {"firstName": "Eve", "email": "eve@acme.test"})

    assert [outcome["status"] for outcome in (*reset["outcomes"], *invited["outcomes"])] == ["SUCCEEDED"] * 2
    assert await swept(world) == {}
    assert {(link.expires_at - clock.now()).days for link in await LinkToken.all()} == {36500}


def test_whatever_is_dropped_has_a_stated_life() -> None:
    assert set(KEPT) == {task for task in Task if task.name.startswith("DROP_")}


async def test_ended_sessions_are_dropped_without_anything_that_refers_to_them(
    world: World, ask: Ask, clock: TestClock
) -> None:
    await world.portal(idle_suspend_days=None)
    await world.token(await world.user())
    clock.advance(timedelta(days=31))

    assert await swept(world) == {Task.DROP_SESSIONS: 1}
    assert not await AccountSession.exists()


async def test_an_account_keeps_its_twenty_newest_previews(world: World, ask: Ask, clock: TestClock) -> None:
    ann, nora, bob = await world.mssp_admin(), await world.mssp_admin(), await world.user()
    await ask.act("lockUsers", nora, bob, dryRun=True)
    ids = []
    for _ in range(MOST_PREVIEWS + 2):
        clock.advance(timedelta(seconds=10))
        ids.append((await ask.act("lockUsers", ann, bob, dryRun=True))["operation"]["id"])

    kept = {global_id("BulkOperation", row.id) for row in await BulkOperation.filter(actor_id=ann.id)}

    assert kept == set(ids[2:])
    assert await BulkOperation.filter(actor_id=nora.id).count() == 1


async def test_a_preview_of_a_clock_set_back_is_not_the_one_that_is_dropped(
    world: World, ask: Ask, clock: TestClock
) -> None:
    ann, bob = await world.mssp_admin(), await world.user()
    for _ in range(MOST_PREVIEWS):
        await ask.act("lockUsers", ann, bob, dryRun=True)
    clock.advance(-timedelta(minutes=10))
    nora = await world.token(ann)

    reply = await ask(
        bulk_document("lockUsers"), token=nora, input={"users": {"ids": [bob.gid]}, "options": {"dryRun": True}}
    )

    id = reply.data["lockUsers"]["operation"]["id"]
    assert id in {global_id("BulkOperation", row.id) for row in await BulkOperation.all()}
    assert await BulkOperation.all().count() == MOST_PREVIEWS


async def test_reasons_given_for_an_erased_user_are_erased_but_that_of_the_deletion(
    world: World, ask: Ask
) -> None:  # K32
    ann, bob, eve = await world.mssp_admin(), await world.user(), await world.user()
    await ask.act("lockUsers", ann, bob, reason="Zebedee is on leave")
    await ask.act("unlockUsers", ann, bob, eve, reason="all are back")
    await ask.act("lockUsers", ann, bob, eve, reason="an audit of everything")
    await ask.act("deleteUsers", ann, bob, reason="ticket 4711")

    events = {(event.event, event.reason) for event in await AuditEvent.filter(user_id=bob.id)}

    assert events == {("user.locked", None), ("user.unlocked", None), ("user.deleted", "ticket 4711")}
    assert await places_of("zebedee") == []
    assert {row.reason for row in await BulkOperation.all()} == {
        None,
        "all are back",
        "an audit of everything",
        "ticket 4711",
    }
