"""After any history, the status, the allowed actions and the sign-in agree on whether an account is locked (T7)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from random import Random

import pytest

from models.tables import Portal, PortalUser
from models.users import recount
from rules.auth.lockout import Proof
from rules.lifecycle.events import Event
from rules.lifecycle.licenses import UserKind
from rules.lifecycle.statuses import Status
from rules.refusals import Code, Refusal
from services.auth import accounts, attempts, sign_in
from services.auth.lockout import REFUSALS_TAKE
from services.lifecycle import events
from services.ports import Caller
from tests.features.listing.counting_statements import statements
from tests.support.world import PASSWORD, Ask, Person, TestClock, World

STRANGERS = [Caller("198.51.100.7", None), Caller("203.0.113.9", None)]
AT_HOME = Caller("192.0.2.1", None)
ASKED = "query ($id: ID!) { user(id: $id) { signInBlockers { code } availableActions(only: [UNLOCK]) { allowed } } }"


@dataclass
class History:
    """A random sequence of events for the user bob. `chance` makes the random choices."""

    world: World
    ask: Ask
    bob: Person
    ann: Person
    chance: Random
    unknown: Iterator[int] = field(default_factory=count)

    async def signs_in(self, caller: Caller, password: str) -> bool:
        """Sign in. Return False only for the refusal INVALID_CREDENTIALS, or if blockers prevent a session."""
        assert self.bob.portal
        parts, portal = self.world.parts, self.bob.portal.slug
        try:
            signed_in = await sign_in.sign_in(
                parts.runtime, parts.ports, caller, portal_slug=portal, login=self.bob.login, password=password
            )
        except Refusal as refusal:
            return refusal.code is not Code.INVALID_CREDENTIALS
        return signed_in.token is not None

    async def wrong(self) -> None:
        await self.signs_in(self.chance.choice([*STRANGERS, AT_HOME]), "a guess")

    async def right(self) -> None:
        await self.signs_in(self.chance.choice([*STRANGERS, AT_HOME]), PASSWORD)

    async def dies(self) -> None:
        """Count some attempts without a result, as if a process had died while it checked them."""
        account = await accounts.by_key(self.bob.key)
        parts = self.world.parts
        for _ in range(self.chance.randint(1, 4)):
            await attempts.reserve(parts.runtime, parts.ports, STRANGERS[0], account, Proof.PASSWORD)

    async def unlock(self) -> None:
        await Ask(self.world, self.ask.client).act("unlockUsers", self.ann, self.bob)  # with a new session

    async def accept(self) -> None:
        """Accept an invitation as bob. Before the acceptance, a stranger signs in with a wrong password."""
        invited = {"status": Status.PROVISIONED, "status_reason": None, "resume_status": None, "resume_reason": None}
        await PortalUser.filter(id=self.bob.id).update(category="UNCONFIRMED", locked_for_good=False, **invited)
        assert self.bob.portal
        await recount.recount([self.bob.portal.id])
        await self.wrong()
        await self.happens(Event.ACCEPTED)

    async def new_password(self) -> None:
        await self.happens(Event.PASSWORD_SET)

    async def happens(self, event: Event) -> None:
        runtime = self.world.parts.runtime

        async def write() -> None:
            located = await events.lock_user(runtime, self.bob.id)
            assert located
            await events.apply_event(runtime, event, located[0], [located[1]], actor_id=self.bob.id)

        await runtime.transactions.run(write)

    async def time_passes(self) -> None:
        self.world.clock.advance(timedelta(minutes=self.chance.choice([1, 14, 15, 16, 60 * 25])))

    async def threshold_changes(self) -> None:
        await Portal.all().update(lockout_threshold=self.chance.randint(1, 5))

    async def check(self) -> None:
        """Assert that the API and a sign-in agree on whether bob is locked out.

        During a lock, LOCKED_OUT is a blocker, the action UNLOCK is allowed, and a sign-in with the right password from
        an unknown address fails.
        """
        before = await self.told()
        is_in = await self.signs_in(Caller(f"100.64.0.{next(self.unknown)}", None), PASSWORD)
        after = await self.told()

        assert before[0] == before[1]
        assert after[0] == after[1]
        assert is_in is not after[0]

    async def told(self) -> tuple[bool, bool]:
        """Return whether LOCKED_OUT is a blocker of the user, and whether the action UNLOCK is allowed.

        After a lock has ended, UNLOCK stays allowed until the end is stored. The second value is False in this case.
        """
        shown = (await self.ask(ASKED, token=await self.world.token(self.ann), id=self.bob.gid)).data["user"]
        is_locked = {"code": "LOCKED_OUT"} in shown["signInBlockers"]
        return is_locked, shown["availableActions"][0]["allowed"] and (is_locked or not await self.is_over())

    async def is_over(self) -> bool:
        account = await accounts.by_key(self.bob.key)
        assert account
        return account.lock_is_over(self.world.clock.now())


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("minutes", [15, None])
async def test_blockers_unlock_and_signing_in_agree_after_any_history(
    world: World, ask: Ask, seed: int, minutes: int | None
) -> None:
    portal = await world.portal("acme", lockout_threshold=3, lockout_minutes=minutes)
    ann, bob = await world.portal_admin(portal), await world.user(portal, password=PASSWORD, kind=UserKind.INTERNAL)
    history = History(world, ask, bob, ann, Random(seed))  # noqa: S311  # the same histories every time
    steps: list[Callable[[], Awaitable[None]]] = [
        history.wrong,
        history.wrong,
        history.wrong,
        history.right,
        history.dies,
        history.dies,
        history.unlock,
        history.accept,
        history.new_password,
        history.time_passes,
        history.threshold_changes,
    ]

    for _ in range(12):
        await history.chance.choice(steps)()
        if history.chance.random() < 0.5:
            await history.check()
    await history.check()


async def test_attempts_that_died_right_or_wrong_lock_no_one_out_half_a_minute_later(
    world: World, ask: Ask, clock: TestClock
) -> None:
    portal = await world.portal("acme", lockout_threshold=3)
    bob = await world.user(portal, password=PASSWORD)
    history = History(world, ask, bob, await world.portal_admin(portal), Random(1))  # noqa: S311  # unused
    for _ in range(5):
        await history.dies()

    clock.advance(timedelta(seconds=30))

    assert await history.signs_in(STRANGERS[0], PASSWORD)


async def test_every_refusal_before_the_lock_takes_the_same_statements(world: World, ask: Ask) -> None:
    portal = await world.portal("acme", lockout_threshold=5)
    people = {
        "active": await world.user(portal, password=PASSWORD),
        "locked": await world.user(portal, password=PASSWORD, status=Status.LOCKED_OUT),
        "suspended": await world.user(portal, password=PASSWORD, status=Status.SUSPENDED),
        "unconfirmed": await world.user(portal, status=Status.PROVISIONED),
    }
    logins = [*(person.login for person in people.values()), "unknown"]
    parts = world.parts

    counts = []
    for login in logins:
        with pytest.raises(
            Refusal
        ):  # writes the audit event of the hour, as a lock is written: while the refusal waits
            await sign_in.sign_in(
                parts.runtime, parts.ports, STRANGERS[0], portal_slug="acme", login=login, password="a guess"
            )
        for _ in range(3):
            with statements() as sent, pytest.raises(Refusal):
                await sign_in.sign_in(
                    parts.runtime, parts.ports, STRANGERS[0], portal_slug="acme", login=login, password="a guess"
                )
            counts.append(len(sent))

    assert set(counts) == {counts[0]}


async def test_the_lock_is_written_while_every_refusal_waits(world: World) -> None:
    portal = await world.portal("acme", lockout_threshold=2)
    bob = await world.user(portal, password=PASSWORD)
    parts = world.parts
    has_counted, may_answer = asyncio.Event(), asyncio.Event()

    async def sleep(duration: timedelta) -> None:
        assert duration == REFUSALS_TAKE
        has_counted.set()
        await may_answer.wait()

    ports = replace(parts.ports, sleep=sleep)
    while_waiting = []
    for _ in range(2):
        has_counted.clear()
        may_answer.clear()
        trying = asyncio.create_task(
            sign_in.sign_in(parts.runtime, ports, STRANGERS[0], portal_slug="acme", login=bob.login, password="a guess")
        )
        await has_counted.wait()
        for _ in range(2):  # a lock is counted again, with the account locked first
            await parts.runtime.transactions.wait_until_idle()
            await asyncio.sleep(0)
        while_waiting.append((await world.status(bob), trying.done()))
        may_answer.set()
        with pytest.raises(Refusal):
            await trying

    assert while_waiting == [(Status.ACTIVE, False), (Status.LOCKED_OUT, False)]
