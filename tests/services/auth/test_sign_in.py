"""Sign-ins: which accounts get a session, what a session stores, and how many attempts are allowed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from argon2 import PasswordHasher

from api.security.password_hashing import PasswordPool, hash_now
from models.auth import unscoped
from models.auth.actors import acting
from models.tables import AccountSession, PortalUser, StaffMember
from rules.auth.blocker_details import BlockerDetails
from rules.auth.rate_limits import Limit, RateLimits
from rules.auth.sign_in_blockers import Blocker
from rules.lifecycle.statuses import Status
from rules.messages.rate_limits import RateLimitMessage
from rules.refusals import Code, Refusal
from services.auth.sessions import IDLE
from services.auth.sign_in import SignInResult, sign_in
from services.ports import Caller, SignInPorts
from tests.support.world import PASSWORD, Person, TestClock, World

HERE = "192.0.2.1"
ELSEWHERE = "198.51.100.7"


@pytest.fixture
def ports(world: World) -> SignInPorts:
    """Return ports that allow five failed sign-ins from one network in five minutes."""
    return replace(world.parts.ports, limits=RateLimits(sign_ins=Limit(RateLimitMessage.SIGN_INS, 5)))


async def tried(
    world: World, ports: SignInPorts, login: str, password: str = PASSWORD, slug: str | None = None, address: str = HERE
) -> SignInResult | Code:
    """Sign in. Return the result, or the code of the refusal."""
    caller = Caller(address, "a browser")
    try:
        return await sign_in(world.parts.runtime, ports, caller, portal_slug=slug, login=login, password=password)
    except Refusal as refusal:
        return refusal.code


def slug_of(person: Person) -> str:
    assert person.portal
    return person.portal.slug


async def test_a_session_is_kept_with_where_it_came_from_and_until_when(
    world: World, ports: SignInPorts, clock: TestClock
) -> None:
    bob = await world.user(password=PASSWORD)

    signed_in = await tried(world, ports, bob.login, slug=slug_of(bob))

    assert isinstance(signed_in, SignInResult)
    assert signed_in.acting
    session = await AccountSession.get(id=signed_in.acting.actor.session_id)
    assert (signed_in.acting.actor.id, session.revoked_at) == (bob.id, None)
    assert (session.created_at, session.expires_at) == (clock.now(), clock.now() + IDLE)
    assert (session.ip_address, session.user_agent) == (HERE, "a browser")


async def test_a_sign_in_is_what_the_list_shows_as_the_last_one(
    world: World, ports: SignInPorts, clock: TestClock
) -> None:  # T3
    bob = await world.user(password=PASSWORD)
    clock.advance(timedelta(hours=5))

    await tried(world, ports, bob.login, slug=slug_of(bob))

    assert (await PortalUser.get(id=bob.id)).last_sign_in_at == clock.now()


@pytest.mark.parametrize("status", [Status.SUSPENDED, Status.LOCKED_OUT, Status.ACTIVE])
async def test_a_refused_sign_in_leaves_no_session_and_no_trace(
    world: World, ports: SignInPorts, status: Status
) -> None:
    bob = await world.user(status=status, password=PASSWORD)
    password = "wrong" if status is Status.ACTIVE else PASSWORD

    await tried(world, ports, bob.login, password, slug_of(bob))

    assert not await AccountSession.exists()
    assert (await PortalUser.get(id=bob.id)).last_sign_in_at is None


async def test_a_session_ends_after_its_lifetime(world: World, ports: SignInPorts, clock: TestClock) -> None:
    bob = await world.user(password=PASSWORD)
    signed_in = await tried(world, ports, bob.login, slug=slug_of(bob))
    assert isinstance(signed_in, SignInResult)
    assert signed_in.acting
    end = clock.now() + IDLE

    before = await acting(bob.id, signed_in.acting.actor.session_id, end - timedelta(microseconds=1))
    after = await acting(bob.id, signed_in.acting.actor.session_id, end)

    assert (before, after) == (signed_in.acting.actor, None)


async def test_a_session_belongs_to_one_account(world: World, ports: SignInPorts, clock: TestClock) -> None:
    bob, eve = await world.user(password=PASSWORD), await world.user()
    nora = await world.mssp_admin()
    signed_in = await tried(world, ports, bob.login, slug=slug_of(bob))
    assert isinstance(signed_in, SignInResult)
    assert signed_in.acting

    others = [await acting(person.id, signed_in.acting.actor.session_id, clock.now()) for person in (eve, nora)]

    assert others == [None, None]


async def test_the_same_login_in_other_letters_has_no_tries_of_its_own(world: World, ports: SignInPorts) -> None:
    bob = await world.user(await world.portal("acme", lockout_threshold=3), username="bob", password=PASSWORD)
    spellings: list[tuple[str, str]] = [("bob", "acme"), (" BOB ", "ACME"), ("Bob", " Acme ")]

    for login, slug in spellings:
        assert await tried(world, ports, login, "wrong", slug) is Code.INVALID_CREDENTIALS

    assert await tried(world, ports, "bOb", PASSWORD, "aCME") is Code.INVALID_CREDENTIALS
    assert await world.status(bob) is Status.LOCKED_OUT


async def test_logins_of_two_portals_and_of_staff_are_counted_apart(world: World, ports: SignInPorts) -> None:
    nora = await world.mssp_admin(password=PASSWORD)
    acme, umbra = [await world.portal(slug, lockout_threshold=3) for slug in ("acme", "umbra")]
    for portal in (acme, umbra):
        await world.user(portal, email=nora.login, password=PASSWORD)

    for _ in range(3):
        await tried(world, ports, nora.login, "wrong", "acme")

    answers: list[Any] = [
        await tried(world, ports, nora.login, PASSWORD, slug, ELSEWHERE) for slug in ("acme", "umbra", None)
    ]
    assert [isinstance(answer, SignInResult) for answer in answers] == [False, True, True]


async def test_an_address_may_not_try_many_logins(world: World, ports: SignInPorts) -> None:
    bob = await world.user(password=PASSWORD)
    for n in range(5):
        await tried(world, ports, f"unknown.{n}", "wrong", slug_of(bob))

    here = await tried(world, ports, bob.login, PASSWORD, slug_of(bob))
    elsewhere = await tried(world, ports, bob.login, PASSWORD, slug_of(bob), ELSEWHERE)

    assert here is Code.RATE_LIMITED
    assert isinstance(elsewhere, SignInResult)


@pytest.mark.parametrize("status", [Status.ACTIVE, Status.SUSPENDED])
async def test_a_proved_password_uses_up_no_attempts(world: World, ports: SignInPorts, status: Status) -> None:
    bob = await world.user(status=status, password=PASSWORD)

    for _ in range(7):
        assert isinstance(await tried(world, ports, bob.login, PASSWORD, slug_of(bob)), SignInResult)
        await world.parts.runtime.transactions.wait_until_idle()  # the attempt is subtracted beside the answer


async def test_the_blockers_are_those_of_the_moment(world: World, ports: SignInPorts, clock: TestClock) -> None:
    portal = await world.portal(lockout_minutes=30)
    bob = await world.user(portal, status=Status.LOCKED_OUT, resume_status=Status.RECOVERY, password=PASSWORD)

    locked = await tried(world, ports, bob.login, PASSWORD, portal.slug)
    clock.advance(timedelta(minutes=30))
    over = await tried(world, ports, bob.login, PASSWORD, portal.slug)

    assert locked is Code.INVALID_CREDENTIALS
    assert over == SignInResult(blockers=(BlockerDetails(Blocker.RESET_PENDING, clock.now()),))


EARLIER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


async def test_a_hash_with_earlier_parameters_is_replaced_beside_the_sign_in(world: World, ports: SignInPorts) -> None:
    bob, nora = await world.user(), await world.mssp_admin()
    for table, person in ((PortalUser, bob), (StaffMember, nora)):
        await table.filter(id=person.id).update(password_hash=EARLIER.hash(PASSWORD))

    for person in (bob, nora):
        slug = person.portal.slug if person.portal else None
        assert isinstance(await tried(world, ports, person.login, slug=slug), SignInResult)
    await world.parts.runtime.transactions.wait_until_idle()

    hashes = [(await PortalUser.get(id=bob.id)).password_hash, (await StaffMember.get(id=nora.id)).password_hash]
    assert [ports.passwords.needs_rehash(str(each)) for each in hashes] == [False, False]
    assert isinstance(await tried(world, ports, bob.login, slug=slug_of(bob)), SignInResult)


async def test_a_wrong_password_replaces_no_hash(world: World, ports: SignInPorts) -> None:
    bob = await world.user()
    await PortalUser.filter(id=bob.id).update(password_hash=(earlier := EARLIER.hash(PASSWORD)))

    await tried(world, ports, bob.login, "wrong", slug_of(bob))
    await world.parts.runtime.transactions.wait_until_idle()

    assert (await PortalUser.get(id=bob.id)).password_hash == earlier


async def test_a_password_that_was_changed_meanwhile_keeps_its_hash(world: World) -> None:
    bob = await world.user(password=PASSWORD)
    hashed = str((await PortalUser.get(id=bob.id)).password_hash)

    await unscoped.replace_hash(bob.key, EARLIER.hash(PASSWORD), "another")

    assert (await PortalUser.get(id=bob.id)).password_hash == hashed


async def test_a_full_queue_of_hashes_uses_up_no_tries_of_the_network(world: World, ports: SignInPorts) -> None:
    bob = await world.user(password=PASSWORD)
    full = PasswordPool(now=world.parts.runtime.now, threads=1, waiting=0, reserved_for_known=1)

    codes = [
        await tried(world, replace(ports, passwords=full), bob.login, slug=slug_of(bob), address=HERE) for _ in range(7)
    ]
    await world.parts.runtime.transactions.wait_until_idle()

    assert codes == [Code.RATE_LIMITED] * 7
    assert isinstance(await tried(world, ports, bob.login, slug=slug_of(bob)), SignInResult)
    full.close()


class Overtaken(PasswordPool):
    """A password pool that replaces the account's stored password while it verifies the old password."""

    def __init__(self, world: World, owner: Person) -> None:
        super().__init__(now=world.parts.runtime.now)
        self._world, self._owner = world, owner

    async def verify(self, password: str, hashed: str | None, address: str, *, is_known: bool = False) -> bool:
        is_right = await super().verify(password, hashed, address, is_known=is_known)
        await PortalUser.filter(id=self._owner.id).update(password_hash=hash_now("the new one, set meanwhile"))
        return is_right


async def test_a_password_that_was_replaced_while_it_was_looked_at_opens_no_session(
    world: World, ports: SignInPorts
) -> None:  # K18
    bob = await world.user(password=PASSWORD)
    passwords = Overtaken(world, bob)

    answer = await tried(world, replace(ports, passwords=passwords), bob.login, slug=slug_of(bob))

    assert answer is Code.INVALID_CREDENTIALS
    assert not await AccountSession.exists()
    passwords.close()
