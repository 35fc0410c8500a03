"""A run of the housekeeping: tasks that fail, batches that are too large, tasks that are held back, limits of growth."""

from __future__ import annotations

from datetime import timedelta

import asyncpg  # type: ignore[import-untyped]  # ships no types
import pytest

from models.db.sql import Sql, write
from models.housekeeping import tasks as housekeeping_tasks
from models.tables import (
    AccountSession,
    AuditEvent,
    BulkOperation,
    BulkOutcome,
    HousekeepingTask,
    LinkToken,
    OutboxMail,
    PortalUser,
)
from resolvers.core.global_ids import global_id
from rules.housekeeping import HELD_FOR, HELD_WHEN_NEW, KEPT, MOST_PREVIEWS, Task
from rules.lifecycle.statuses import Status
from services.admin.doctor import drift
from services.housekeeping.run import Housekeeping
from services.housekeeping.tasks import TaskRunner
from tests.features.invitations.inviting import invite, invite_new, new_person
from tests.services.housekeeping.running import swept
from tests.support.stored import places_of
from tests.support.world import Ask, TestClock, World, bulk_document


async def test_a_task_that_fails_stops_no_other_and_is_reported(world: World, clock: TestClock) -> None:
    await write(Sql("DROP TABLE reset_request"))
    await write(Sql("DROP TABLE recipient_mail"))
    bob = await world.user(status=Status.DEACTIVATED)
    clock.advance(timedelta(days=30))

    report = await Housekeeping(world.parts.runtime).run()

    assert report
    assert set(report.failed) == {Task.DROP_RESET_REQUESTS, Task.DROP_MAIL_COUNTS}
    assert await world.row(bob) is None
    succeeded = {name for name, row in (await housekeeping_tasks.known()).items() if row.succeeded_at == clock.now()}
    assert succeeded == set(Task) - set(report.failed)
    assert not await Housekeeping(world.parts.runtime).is_due()


async def test_a_batch_that_times_out_is_halved_until_it_passes(world: World) -> None:
    sizes, left = list[int](), [7]

    async def step(size: int) -> tuple[int, bool]:
        sizes.append(size)
        if size > 2:
            raise asyncpg.QueryCanceledError("statement timeout")
        done = min(size, left[0])
        left[0] -= done
        return done, left[0] > 0

    async def advance(more: int) -> None:
        """Goes on."""

    await TaskRunner(world.parts.runtime, batch=8).in_batches(Task.DROP_LINKS, step, advance)

    assert sizes == [8, 4, 2, 2, 2, 2]


async def test_a_batch_of_one_that_times_out_fails_its_task(world: World) -> None:
    async def step(size: int) -> tuple[int, bool]:
        raise asyncpg.QueryCanceledError("statement timeout")

    async def advance(more: int) -> None:
        """Goes on."""

    with pytest.raises(asyncpg.QueryCanceledError):
        await TaskRunner(world.parts.runtime, batch=8).in_batches(Task.DROP_LINKS, step, advance)


async def test_rows_that_refer_to_expired_ones_are_dropped_in_batches_of_their_own(
    world: World, ask: Ask, clock: TestClock
) -> None:
    await world.portal(idle_suspend_days=None)
    ann, people = await world.mssp_admin(), await world.users(7)
    await ask.act("lockUsers", ann, *people, dryRun=True)
    clock.advance(timedelta(days=2))
    tasks, batches = TaskRunner(world.parts.runtime, batch=3), list[int]()

    async def advance(more: int) -> None:
        batches.append(await BulkOutcome.all().count())

    await tasks.do(Task.DROP_PREVIEWS, advance)

    dropped = [before - after for before, after in zip([7, *batches], batches, strict=False)]
    assert (sum(dropped), max(dropped)) == (7, 3)
    assert not await BulkOperation.exists()


async def test_the_first_start_after_an_upgrade_takes_nothing_away(world: World, clock: TestClock) -> None:
    await HousekeepingTask.all().delete()
    bob, eve = await world.user(), await world.user(status=Status.DEACTIVATED)
    await PortalUser.all().update(idle_warned_at=clock.now())
    clock.advance(timedelta(days=90))

    first = await Housekeeping(world.parts.runtime).run()
    clock.advance(HELD_FOR - timedelta(seconds=1))
    await swept(world)
    before = (await world.status(bob), await world.status(eve))
    clock.advance(timedelta(seconds=1))
    await swept(world)

    assert first
    assert set(first.held) == HELD_WHEN_NEW
    assert before == (Status.ACTIVE, Status.DEACTIVATED)
    assert (await world.status(bob), await world.row(eve)) == (Status.SUSPENDED, None)


async def test_an_operator_who_has_looked_releases_what_is_held_back(world: World, clock: TestClock) -> None:
    await HousekeepingTask.all().delete()
    eve = await world.user(status=Status.DEACTIVATED)
    clock.advance(timedelta(days=30))
    tasks = Housekeeping(world.parts.runtime)
    await tasks.run()
    await tasks.release()

    await tasks.run()

    assert await world.row(eve) is None


async def test_nothing_is_held_back_in_a_new_database(world: World) -> None:
    await HousekeepingTask.all().delete()

    await Housekeeping(world.parts.runtime).register()

    assert {row.held_until for row in (await housekeeping_tasks.known()).values()} == {None}


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
    assert await drift(world.parts.runtime) == []


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
    assert await drift(world.parts.runtime) == []


async def test_the_doctor_finds_an_active_invitation_without_its_seat(world: World, ask: Ask) -> None:
    portal = await world.portal(seat_mode="ON_INVITE", seats=1)
    ann = await world.portal_admin(portal)
    bob = new_person(await invite_new(ask, ann, portal, {"firstName": "Bob", "email": "bob@acme.test"}))
    await PortalUser.filter(id=bob.id).update(holds_seat=False)

    found = await drift(world.parts.runtime)

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
