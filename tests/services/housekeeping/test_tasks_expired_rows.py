"""Rows are deleted after their stated lifetime."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from models.tables import KnownSource, LinkToken, OutboxMail, SignInAttempts
from rules.housekeeping import Task
from tests.services.housekeeping.running import A_DAY, A_SECOND, A_WEEK, swept
from tests.support.world import PASSWORD, Ask, Person, TestClock, World


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
