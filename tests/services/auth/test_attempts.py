"""Attempts are counted before the password is checked, even if many processes get attempts at once (T7)."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from argon2 import PasswordHasher

from api.security.encryption import AesEncryption
from api.security.password_hashing import PasswordPool
from models.tables import SignInAttempts
from rules.auth.lockout import Proof
from rules.refusals import Code, Refusal
from services.auth import accounts, attempts, password_check
from services.auth.accounts import Account
from services.auth.attempts import Attempt
from services.ports import Caller
from tests.support.world import PASSWORD, Person, World

HERE, ELSEWHERE = Caller("192.0.2.1", None), Caller("198.51.100.7", None)


async def account_of(person: Person) -> Account:
    found = await accounts.by_key(person.key)
    assert found
    return found


async def tried(world: World, account: Account | None, caller: Caller = HERE, *typed: str) -> Attempt:
    return await attempts.reserve(world.parts.runtime, world.parts.ports, caller, account, Proof.PASSWORD, typed=typed)


async def test_of_a_hundred_guesses_at_once_exactly_the_threshold_are_looked_at(world: World) -> None:  # T7
    bob = await account_of(await world.user(await world.portal(lockout_threshold=7)))
    callers = [Caller(f"192.0.2.{n}", None) for n in range(100)]

    tries = await asyncio.gather(*(tried(world, bob, caller) for caller in callers))

    assert sum(each.is_admitted for each in tries) == 7
    assert [row.pending for row in await SignInAttempts.all()] == [7]


async def test_all_strangers_share_a_counter_and_a_known_source_has_its_own(world: World) -> None:  # T7
    person = await world.user()
    await world.token(person)  # from 127.0.0.1
    bob = await account_of(person)

    callers = [HERE, ELSEWHERE, Caller("127.0.0.1", None), HERE]
    known = [(await tried(world, bob, caller)).is_known for caller in callers]

    assert known == [False, False, True, False]
    assert sorted(row.pending for row in await SignInAttempts.all()) == [1, 3]


async def test_two_accounts_and_what_is_tried_are_counted_apart(world: World) -> None:
    bob, eve = [await account_of(person) for person in await world.users(2)]

    keys = {(await tried(world, bob)).key, (await tried(world, eve)).key}
    other = await attempts.reserve(world.parts.runtime, world.parts.ports, HERE, bob, Proof.SECOND_FACTOR)

    assert len(keys | {other.key}) == 3


async def test_unknown_logins_are_counted_by_what_was_typed(world: World) -> None:
    typed = [("portal", "acme", "eve"), ("portal", "acme", "eve"), ("portal", "acme", "bob"), ("staff", "eve")]

    keys = [(await tried(world, None, HERE, *each)).key for each in typed]

    assert keys[0] == keys[1]
    assert len(set(keys)) == 3


async def test_a_try_that_was_never_looked_at_is_not_counted(world: World) -> None:
    slow = PasswordHasher(time_cost=60, memory_cost=19 * 1024, parallelism=1)
    pool = PasswordPool(now=world.parts.runtime.now, threads=1, waiting=0, reserved_for_known=0, hasher=slow)
    bob = await account_of(await world.user(password=PASSWORD))
    ports = replace(world.parts.ports, passwords=pool)
    busy = asyncio.create_task(pool.hash(PASSWORD, HERE.address))
    await asyncio.sleep(0)

    with pytest.raises(Refusal) as no:
        await password_check.check_at_sign_in(world.parts.runtime, ports, HERE, bob, PASSWORD, typed=())

    await busy
    pool.close()
    assert no.value.code is Code.RATE_LIMITED
    assert [(row.failures, row.pending) for row in await SignInAttempts.all()] == [(0, 0)]


async def test_a_known_source_stays_known_when_the_server_s_key_is_changed(world: World) -> None:
    person = await world.user()
    await world.token(person)
    encryption = AesEncryption(
        [b"another secret of 32 bytes or more", world.parts.settings.secret], world.parts.runtime.secret
    )
    ports = replace(world.parts.ports, encryption=encryption)
    bob = await account_of(person)

    mine = await attempts.reserve(world.parts.runtime, ports, Caller("127.0.0.1", None), bob, Proof.PASSWORD)

    assert mine.is_known
