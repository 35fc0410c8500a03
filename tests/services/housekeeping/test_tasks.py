"""What time brings about: who is suspended, warned, unlocked and erased, to the second; and by one process at a time."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from models.housekeeping import leases
from models.tables import AuditEvent, KnownSource, Lease, LinkToken, OutboxMail, Portal, PortalUser, SignInAttempts
from rules.housekeeping import Task
from rules.lifecycle.statuses import Status, StatusReason
from services.admin.doctor import drift
from services.housekeeping.run import EVERY, LEASE, NAME, Housekeeping
from services.housekeeping.tasks import TaskRunner
from tests.support.stored import everything, places_of
from tests.support.world import PASSWORD, Ask, Person, TestClock, World

A_SECOND, A_DAY, A_WEEK = timedelta(seconds=1), timedelta(days=1), timedelta(days=7)
DAYS = timedelta(days=90)


async def swept(world: World, **given: Any) -> dict[Task, int]:
    """What a run did; only what it did at all."""
    report = await Housekeeping(world.parts.runtime, **given).run()
    assert report is not None, "another process is at it"
    assert not report.failed, report.failed
    return {task: number for task, number in report.done.items() if number}


async def warned(world: World) -> None:
    """All users have been warned that they are idle, just now."""
    await PortalUser.all().update(idle_warned_at=world.clock.now())


@pytest.mark.parametrize("status", [Status.ACTIVE, Status.AWAITING_NEW_PASSWORD, Status.RECOVERY, Status.LOCKED_OUT])
async def test_whoever_is_idle_for_ninety_days_is_suspended_and_not_a_second_before(
    world: World, clock: TestClock, status: Status
) -> None:  # T10, T11, event table: idle too long
    bob = await world.user(await world.portal(lockout_minutes=None), status=status)
    clock.advance(DAYS - A_WEEK)
    first = await swept(world)
    clock.advance(A_WEEK - A_SECOND)
    early = await swept(world)
    clock.advance(A_SECOND)

    in_time = await swept(world)

    assert (first, early, in_time) == ({Task.WARN_IDLE: 1}, {}, {Task.SUSPEND_IDLE: 1})
    row = await world.row(bob)
    assert row
    assert (row.status, row.status_reason) == (Status.SUSPENDED, StatusReason.IDLE)
    assert row.resume_status == (Status.ACTIVE if status is Status.LOCKED_OUT else status)
    assert not await drift(world.parts.runtime)


@pytest.mark.parametrize("status", [Status.STAGED, Status.PROVISIONED, Status.SUSPENDED, Status.DEACTIVATED])
async def test_only_the_enabled_go_idle(world: World, clock: TestClock, status: Status) -> None:  # T10
    await world.portal(deactivated_retention_days=1000)
    bob = await world.user(status=status)
    await warned(world)
    clock.advance(DAYS)

    assert await swept(world) == {}
    assert await world.status(bob) is status


@pytest.mark.parametrize("days", [1, 30, 10**8])
async def test_the_portal_says_for_how_long_and_null_is_never(world: World, clock: TestClock, days: int) -> None:
    portal, never = await world.portal(idle_suspend_days=days), await world.portal(idle_suspend_days=None)
    bob, eve = await world.user(portal), await world.user(never)
    await warned(world)
    clock.advance(timedelta(days=max(7, min(days, 3000))))

    await swept(world)

    assert await world.status(bob) is (Status.ACTIVE if days > 3000 else Status.SUSPENDED)
    assert await world.status(eve) is Status.ACTIVE


@pytest.mark.parametrize(
    "start",
    [
        datetime(2026, 1, 15, 1, 30, tzinfo=UTC),  # over Europe's and America's change to summer time
        datetime(2026, 9, 1, 0, 30, tzinfo=UTC),  # and back
        datetime(2028, 1, 31, 23, 59, 59, tzinfo=UTC),  # over the 29th of February
        datetime(2027, 12, 31, 23, 59, 59, tzinfo=UTC),
    ],
)
async def test_ninety_days_are_ninety_times_twenty_four_hours_whatever_the_calendar_does(
    world: World, clock: TestClock, start: datetime
) -> None:
    clock.time = start
    bob = await world.user()
    await warned(world)
    clock.advance(DAYS - A_SECOND)
    await swept(world)
    before = await world.status(bob)
    clock.advance(A_SECOND)
    await swept(world)

    assert (before, await world.status(bob)) == (Status.ACTIVE, Status.SUSPENDED)


async def test_a_sign_in_and_a_return_into_the_enabled_begin_the_ninety_days_anew(
    world: World, ask: Ask, clock: TestClock
) -> None:  # event table: max(last sign-in, last entry into ENABLED)
    ann, bob, eve, kim = await world.mssp_admin(), await world.user(), await world.user(), await world.user()
    await warned(world)
    clock.advance(timedelta(days=60))
    await world.token(bob)
    await ask.act("lockUsers", ann, eve)
    clock.advance(timedelta(days=5))
    await ask.act("unlockUsers", await world.mssp_admin(), eve)
    clock.advance(timedelta(days=25))

    assert await swept(world) == {Task.SUSPEND_IDLE: 1}

    assert [await world.status(person) for person in (bob, eve, kim)] == [
        Status.ACTIVE,
        Status.ACTIVE,
        Status.SUSPENDED,
    ]
    assert await swept(world) == {}
    clock.advance(timedelta(days=53))
    assert (await swept(world))[Task.WARN_IDLE] == 1
    clock.advance(A_WEEK)
    assert (await swept(world))[Task.SUSPEND_IDLE] == 1
    assert (await world.status(bob), await world.status(eve)) == (Status.SUSPENDED, Status.ACTIVE)


async def test_the_last_enabled_admin_never_goes_idle(world: World, clock: TestClock) -> None:
    portal = await world.portal()
    admins = [await world.portal_admin(portal) for _ in range(3)]
    await warned(world)
    clock.advance(DAYS)

    first, second = await swept(world), await swept(world)

    assert (first, second) == ({Task.SUSPEND_IDLE: 2}, {})
    assert [await world.status(admin) for admin in admins].count(Status.ACTIVE) == 1
    assert (await Portal.get(id=portal.id)).enabled_admins == 1


async def test_whoever_is_suspended_as_idle_loses_his_sessions_and_the_log_says_that_nobody_did_it(
    world: World, ask: Ask, clock: TestClock
) -> None:
    ann, bob = await world.mssp_admin(), await world.user()
    await warned(world)
    clock.advance(DAYS)

    await swept(world)

    (event,) = (
        await ask("{ auditLog { nodes { event actor { id } userId changes { field after } } } }", actor=ann)
    ).data["auditLog"]["nodes"]
    assert (event["event"], event["actor"], event["userId"]) == ("user.suspended_as_idle", None, bob.gid)
    assert {"field": "statusReason", "after": "IDLE"} in event["changes"]


async def test_a_week_before_suspension_a_user_is_warned_once_by_mail_and_in_the_audit_log(
    world: World, clock: TestClock
) -> None:
    bob, unproved = await world.user(email="bob@acme.test"), await world.user()
    await PortalUser.filter(id=unproved.id).update(email_verified_at=None)
    since = clock.now()
    clock.advance(DAYS - A_WEEK - A_SECOND)
    early = await swept(world)
    clock.advance(A_SECOND)

    runs = [await swept(world) for _ in range(3)]

    assert (early, runs) == ({}, [{Task.WARN_IDLE: 2}, {}, {}])
    (mail,) = await OutboxMail.all()
    assert (mail.user_id, mail.kind, mail.recipient) == (bob.id, "IDLE_WARNING", "bob@acme.test")  # type: ignore[attr-defined]  # Tortoise adds it
    assert mail.deadline == since + DAYS
    events = await AuditEvent.all()
    assert {(event.event, event.user_id) for event in events} == {
        ("user.warned_as_idle", bob.id),
        ("user.warned_as_idle", unproved.id),
    }


async def test_users_who_come_back_and_are_idle_again_are_warned_again(world: World, clock: TestClock) -> None:
    bob = await world.user()
    for _ in range(2):
        clock.advance(DAYS - A_DAY)
        await swept(world)
        await world.token(bob)

    assert await AuditEvent.filter(user_id=bob.id, event="user.warned_as_idle").count() == 2


async def test_after_weeks_without_housekeeping_users_are_warned_first_and_suspended_a_week_later(
    world: World, clock: TestClock
) -> None:
    bob = await world.user()
    clock.advance(2 * DAYS)
    first = await swept(world)
    clock.advance(A_WEEK - A_SECOND)
    early = await swept(world)
    clock.advance(A_SECOND)

    assert (first, early, await swept(world)) == ({Task.WARN_IDLE: 1}, {}, {Task.SUSPEND_IDLE: 1})
    (mail,) = await OutboxMail.all()
    assert mail.deadline == clock.now()
    assert await world.status(bob) is Status.SUSPENDED


async def test_the_last_enabled_admin_is_not_warned(world: World, clock: TestClock) -> None:
    await world.portal_admin()
    clock.advance(DAYS)

    assert await swept(world) == {}


@pytest.mark.parametrize("days", [1, 7])
async def test_a_short_policy_warns_after_a_day_and_suspends_a_week_later(
    world: World, clock: TestClock, days: int
) -> None:
    await world.user(await world.portal(idle_suspend_days=days))
    clock.advance(A_DAY - A_SECOND)
    early = await swept(world)
    clock.advance(A_SECOND)
    first = await swept(world)
    clock.advance(A_WEEK)

    assert (early, first, await swept(world)) == ({}, {Task.WARN_IDLE: 1}, {Task.SUSPEND_IDLE: 1})


async def test_users_of_a_portal_that_was_inactive_are_warned_before_they_are_suspended(
    world: World, clock: TestClock
) -> None:
    portal = await world.portal()
    await world.user(portal)
    clock.advance(DAYS - A_WEEK)
    before = await swept(world)
    await Portal.filter(id=portal.id).update(is_active=False)
    clock.advance(DAYS)
    closed = await swept(world)
    await Portal.filter(id=portal.id).update(is_active=True)
    opened = await swept(world)
    clock.advance(A_WEEK)

    assert (before, opened) == ({Task.WARN_IDLE: 1}, {Task.WARN_IDLE: 1})
    assert Task.SUSPEND_IDLE not in closed
    assert await swept(world) == {Task.SUSPEND_IDLE: 1}


@pytest.mark.parametrize("resume", [Status.ACTIVE, Status.RECOVERY])
async def test_a_lock_ends_when_its_minutes_are_over(
    world: World, clock: TestClock, resume: Status
) -> None:  # T7, event table: the lock's minutes are over
    portal, until_unlocked = await world.portal(lockout_minutes=30), await world.portal(lockout_minutes=None)
    reason = StatusReason.RESET_REQUESTED_BY_ADMIN if resume is Status.RECOVERY else None
    bob = await world.user(portal, status=Status.LOCKED_OUT, resume_status=resume, resume_reason=reason)
    eve = await world.user(until_unlocked, status=Status.LOCKED_OUT)
    clock.advance(timedelta(minutes=30) - A_SECOND)
    early = await swept(world)
    clock.advance(A_SECOND)

    assert (early, await swept(world)) == ({}, {Task.END_LOCKS: 1})

    row = await world.row(bob)
    assert row
    assert (row.status, row.status_reason, row.resume_status) == (resume, reason, None)
    assert await world.status(eve) is Status.LOCKED_OUT
    assert not await drift(world.parts.runtime)


async def test_deactivated_users_are_erased_when_their_retention_is_over_and_nothing_of_them_is_left(
    world: World, ask: Ask, clock: TestClock
) -> None:  # K31, K32, event table: retention over
    portal = await world.portal(deactivated_retention_days=30, idle_suspend_days=None)
    ann, bob = await world.mssp_admin(), await world.user(portal, first_name="Zebedee", email="zebedee@acme.test")
    waiting = await world.user(portal, status=Status.DEACTIVATED, status_reason=StatusReason.WAITING_FOR_SEAT)
    await ask.act("resetPasswords", ann, bob)
    await ask(
        'mutation ($id: ID!) { updateUser(input: {id: $id, lastName: "Zimmer"}) { errors { code } } }',
        actor=ann,
        id=bob.gid,
    )
    await ask.act("deactivateUsers", ann, bob)
    clock.advance(timedelta(days=30) - A_SECOND)
    early = await swept(world)
    clock.advance(A_SECOND)

    in_time = await swept(world)

    assert Task.ERASE_DEACTIVATED not in early
    assert in_time[Task.ERASE_DEACTIVATED] == 1
    assert await world.row(bob) is None
    assert await places_of("zebedee", "zimmer") == []
    assert await world.status(waiting) is Status.DEACTIVATED
    last = await AuditEvent.filter(user_id=bob.id).order_by("-id").first()
    assert last
    assert (last.event, last.actor_id) == ("user.erased", None)
    assert not await drift(world.parts.runtime)


async def test_erasure_follows_the_portal_s_policy(world: World, clock: TestClock) -> None:  # K31
    short, long = await world.portal(deactivated_retention_days=0), await world.portal(deactivated_retention_days=365)
    bob, eve = [await world.user(place, status=Status.DEACTIVATED) for place in (short, long)]
    clock.advance(timedelta(days=364))

    await swept(world)

    assert (await world.row(bob), await world.status(eve)) == (None, Status.DEACTIVATED)


async def test_looking_counts_what_a_run_would_do_and_changes_nothing(world: World, clock: TestClock) -> None:
    portal = await world.portal(lockout_minutes=30)
    await world.users(3, portal)
    await world.users(2, portal, status=Status.DEACTIVATED)
    await world.user(portal, status=Status.LOCKED_OUT)
    await warned(world)
    clock.advance(DAYS)
    before = await everything()

    seen = {task: n for task, n in (await Housekeeping(world.parts.runtime).preview()).done.items() if n}

    assert await everything() == before
    assert seen == {Task.END_LOCKS: 1, Task.SUSPEND_IDLE: 4, Task.ERASE_DEACTIVATED: 2}
    # The lock ends first, which is an entry into nothing new: the user is idle all the same.
    assert await swept(world) == seen


@pytest.mark.parametrize("away", [(90, 90, 90), (90, 90, 0), (90, 90, 85), (90, 85, 85), (85,), (90,), (85, 0)])
async def test_looking_counts_no_last_admin_as_idle_or_to_be_warned(
    world: World, clock: TestClock, away: tuple[int, ...]
) -> None:
    for portal in (await world.portal(), await world.portal()):
        await world.users(2, portal)
        for days in away:
            admin = await world.portal_admin(portal)
            warned_at = clock.now() if days == DAYS.days else None
            await PortalUser.filter(id=admin.id).update(
                idle_since=clock.now() + DAYS - days * A_DAY, idle_warned_at=warned_at
            )
    await PortalUser.filter(role="PORTAL_USER").update(idle_warned_at=clock.now())
    clock.advance(DAYS)

    seen = {task: n for task, n in (await Housekeeping(world.parts.runtime).preview()).done.items() if n}

    assert await swept(world) == seen
    assert not any((await Housekeeping(world.parts.runtime).preview()).done.values())


async def test_a_clock_that_is_set_back_suspends_revives_and_warns_nobody(world: World, clock: TestClock) -> None:
    bob, eve = await world.user(), await world.user(status=Status.DEACTIVATED)
    await warned(world)
    clock.advance(DAYS)
    await swept(world)
    clock.advance(-DAYS)
    kim = await world.user()

    assert await swept(world) == {}
    assert [await world.status(person) for person in (bob, kim)] == [Status.SUSPENDED, Status.ACTIVE]
    assert await world.row(eve) is None


async def test_a_lease_of_a_clock_that_was_ahead_does_not_hang_for_ever(world: World, clock: TestClock) -> None:
    clock.advance(timedelta(days=400))
    assert await leases.take(NAME, world.parts.runtime.new_id(), clock.now(), clock.now() + LEASE)
    clock.advance(-timedelta(days=400))

    assert await Housekeeping(world.parts.runtime).run() is not None
    assert not await Housekeeping(world.parts.runtime).is_due()
    clock.advance(-timedelta(days=30))
    assert await Housekeeping(world.parts.runtime).is_due()


async def test_it_is_due_once_an_hour(world: World, clock: TestClock) -> None:
    chores = Housekeeping(world.parts.runtime)
    first = await chores.is_due()
    await chores.run()
    clock.advance(EVERY - A_SECOND)
    early = await chores.is_due()
    clock.advance(A_SECOND)

    assert (first, early, await chores.is_due()) == (True, False, True)


async def test_of_two_runners_at_once_one_does_it_and_each_user_once(world: World, clock: TestClock) -> None:
    people = await world.users(40)
    await warned(world)
    clock.advance(DAYS)

    answers = await asyncio.gather(*(Housekeeping(world.parts.runtime, batch=5).run() for _ in range(2)))

    (done,) = [answer for answer in answers if answer is not None]
    assert done.done[Task.SUSPEND_IDLE] == len(people)
    assert await AuditEvent.filter(event="user.suspended_as_idle").count() == len(people)
    assert not await drift(world.parts.runtime)


async def test_even_two_that_both_think_they_hold_the_lease_suspend_each_user_once(
    world: World, clock: TestClock
) -> None:
    people = await world.users(40)
    await warned(world)
    clock.advance(DAYS)

    await asyncio.gather(_stealing(world), _stealing(world))
    await swept(world)

    assert await AuditEvent.filter(event="user.suspended_as_idle").count() == len(people)
    assert not await drift(world.parts.runtime)


async def _stealing(world: World) -> None:
    """A run that begins although another has."""
    await Lease.filter(name=NAME).delete()
    await Housekeeping(world.parts.runtime, batch=3).run()


async def test_one_that_was_killed_between_batches_is_resumed_when_its_lease_has_run_out(
    world: World, clock: TestClock
) -> None:
    people = await world.users(20)
    await warned(world)
    clock.advance(DAYS)

    class Killed(BaseException):
        pass

    def die(task: Task, done: int) -> None:
        if done == 10:
            raise Killed

    holder = world.parts.runtime.new_id()
    with pytest.raises(Killed):
        await Housekeeping(world.parts.runtime, batch=5).run(die)
    await leases.take(NAME, holder, clock.now(), clock.now() + LEASE)  # as a process that was killed leaves it
    half = [await world.status(person) for person in people].count(Status.SUSPENDED)
    at_once = await Housekeeping(world.parts.runtime).run()
    clock.advance(LEASE)

    resumed = await swept(world)

    assert (half, at_once, resumed) == (10, None, {Task.SUSPEND_IDLE: 10})
    assert await AuditEvent.filter(event="user.suspended_as_idle").count() == len(people)


async def test_one_that_is_stopped_leaves_the_rest_to_the_next(world: World, clock: TestClock) -> None:
    await world.users(20)
    await warned(world)
    clock.advance(DAYS)

    first = await Housekeeping(world.parts.runtime, batch=5).run(is_stopping=lambda: True)

    assert first
    assert sum(first.done.values()) == 5
    assert await Housekeeping(world.parts.runtime).is_due()
    assert await swept(world) == {Task.SUSPEND_IDLE: 15}


async def test_users_of_several_portals_go_in_batches_each_within_a_portal(world: World, clock: TestClock) -> None:
    for _ in range(3):
        await world.users(7, await world.portal())
    await warned(world)
    clock.advance(DAYS)

    assert await swept(world, batch=5) == {Task.SUSPEND_IDLE: 21}
    assert not await drift(world.parts.runtime)


async def test_whoever_signs_in_just_before_it_is_his_turn_stays(world: World, clock: TestClock) -> None:
    people = await world.users(2)
    await warned(world)
    clock.advance(DAYS)
    tasks = TaskRunner(world.parts.runtime)
    batch = await tasks.due(Task.SUSPEND_IDLE, 90, None, 1)
    (found,) = batch
    await world.token(next(person for person in people if person.id == found.id))

    done = await tasks.in_portal(Task.SUSPEND_IDLE, found.portal_id, [found.id])

    assert done == 0
    assert Status.ACTIVE in [await world.status(person) for person in people]


async def a_link(world: World, person: Person, at: datetime, n: int, purpose: str, **columns: Any) -> None:
    await LinkToken.create(
        id=world.parts.runtime.new_id(),
        user_id=person.id,
        purpose=purpose,
        sequence=n,
        nonce="n",
        token_hash=f"{purpose} {n}",
        created_at=at,
        **{"expires_at": at + A_DAY, **columns},
    )


async def test_links_are_kept_for_a_week_and_the_newest_invitation_for_good(world: World, clock: TestClock) -> None:
    await world.portal(idle_suspend_days=None)
    bob, at = await world.user(), clock.now()
    await a_link(world, bob, at, 0, "RESET_PASSWORD")
    await a_link(world, bob, at, 0, "INVITATION", superseded_at=at, replaced_at=at)
    await a_link(world, bob, at, 1, "INVITATION", used_at=at)
    clock.advance(A_DAY + A_WEEK - A_SECOND)
    early = await swept(world)
    clock.advance(A_SECOND)
    after_a_week = await swept(world)
    clock.advance(timedelta(days=30))

    assert (early, after_a_week) == ({}, {Task.DROP_LINKS: 1})
    assert await swept(world) == {Task.DROP_INVITATIONS: 1}
    assert [link.token_hash for link in await LinkToken.all()] == ["INVITATION 1"]


async def test_sessions_are_kept_for_a_month_after_their_end(world: World, ask: Ask, clock: TestClock) -> None:
    await world.portal(idle_suspend_days=None)
    ann, bob, eve = await world.mssp_admin(), await world.user(password=PASSWORD), await world.user()
    for person in (bob, eve):
        await world.token(person)
    await ask.act("revokeSessions", ann, bob)
    clock.advance(timedelta(days=30))

    assert await swept(world) == {Task.DROP_SESSIONS: 1}
    clock.advance(timedelta(days=30))
    assert await swept(world) == {Task.DROP_SESSIONS: 2}


async def test_previews_keys_and_mails_of_the_past_are_dropped(world: World, ask: Ask, clock: TestClock) -> None:
    await world.portal(idle_suspend_days=None, password_reset_ttl_hours=24 * 365)
    ann, bob, eve = await world.mssp_admin(), await world.user(), await world.user()
    await ask.act("lockUsers", ann, bob, dryRun=True)
    await ask.act("resetPasswords", ann, bob, eve, idempotencyKey="once")
    await OutboxMail.filter(user_id=bob.id).update(state="SENT", finished_at=clock.now())
    await OutboxMail.filter(user_id=eve.id).update(state="DEAD", finished_at=clock.now())
    clock.advance(A_DAY - A_SECOND)
    early = await swept(world)
    clock.advance(A_SECOND)
    after_a_day = await swept(world)
    clock.advance(timedelta(minutes=15))
    soon = await swept(world)
    clock.advance(timedelta(days=29))
    later = await swept(world)

    dropped_after_a_day = {Task.DROP_IDEMPOTENCY_KEYS: 1, Task.DROP_MAIL_COUNTS: 2}
    assert (early, after_a_day, soon) == ({}, dropped_after_a_day, {Task.DROP_PREVIEWS: 1})
    assert later == {Task.DROP_MAILS: 1}
    assert [mail.state for mail in await OutboxMail.all()] == ["DEAD"]


async def test_counts_of_wrong_passwords_and_sources_not_seen_for_long_are_dropped(
    world: World, clock: TestClock
) -> None:
    await world.portal(idle_suspend_days=None)
    bob, at = await world.user(), clock.now()
    await SignInAttempts.create(key="a", account_id=bob.id, failures=3, in_a_row=9, last_at=at)
    await SignInAttempts.create(key="b", account_id=bob.id, failures=3, in_a_row=10, last_at=at)
    await SignInAttempts.create(key="c", failures=3, in_a_row=99, last_at=at)
    clock.advance(timedelta(days=1) - A_SECOND)
    assert await swept(world) == {}
    clock.advance(A_SECOND)
    after_a_day = await swept(world)
    await KnownSource.create(id=world.parts.runtime.new_id(), user_id=bob.id, source="s", last_at=at)
    clock.advance(timedelta(days=29))
    after_a_month = await swept(world)
    clock.advance(timedelta(days=150))

    assert (after_a_day, after_a_month) == ({Task.DROP_GUESSES: 1}, {Task.DROP_ATTEMPTS: 1})
    assert await swept(world) == {Task.DROP_SOURCES: 1}
    assert [row.key for row in await SignInAttempts.all()] == ["b"]


async def test_what_is_dropped_goes_in_batches(world: World, clock: TestClock) -> None:
    await world.portal(idle_suspend_days=None)
    for person in await world.users(7):
        await world.token(person)
    clock.advance(timedelta(days=60))

    assert await swept(world, batch=3) == {Task.DROP_SESSIONS: 7}
