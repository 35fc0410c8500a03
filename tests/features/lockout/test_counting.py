"""Failed sign-ins at the same time are all counted, and the answers do not reveal the counts."""

from __future__ import annotations

import asyncio

import pytest

from models.tables import PortalUser, SignInAttempts
from rules.lifecycle.statuses import Status
from services.admin.doctor import find_wrong_values
from tests.features.lockout.failing import WHO, WRONG, a_user, codes, tries
from tests.support.databases.stored import places_of
from tests.support.world import PASSWORD, Ask, World, at_productions_cost
from tests.support.world.answers import barred, sign_in
from tests.support.world.places import ELSEWHERE, another_process, calling_from


async def test_many_wrong_guesses_at_once_end_in_the_lock_and_the_right_one_comes_too_late(  # T7
    world: World, ask: Ask
) -> None:
    bob = await a_user(world, threshold=4)
    assert bob.portal

    await asyncio.gather(*(sign_in(ask, bob.login, f"guess {n}", bob.portal.slug) for n in range(60)))

    assert await world.status(bob) is Status.LOCKED_OUT
    assert await tries(ask, bob, PASSWORD) == WRONG
    assert await find_wrong_values(world.parts.runtime) == []


async def test_guesses_at_two_processes_are_counted_together(world: World, ask: Ask) -> None:  # T7
    bob = await a_user(world, threshold=4)
    async with another_process(world) as other:
        one, two = await tries(ask, bob, times=2), await tries(other, bob, times=2)

        assert one + two == WRONG * 4
        assert await world.status(bob) is Status.LOCKED_OUT
        assert await tries(other, bob, PASSWORD) == WRONG


async def test_unknown_logins_are_counted_too_and_nothing_of_them_can_be_read(world: World, ask: Ask) -> None:
    portal = await world.portal("acme")

    for _ in range(2):
        await sign_in(ask, "eve@secret.test", "hunter2 hunter2", portal.slug)

    (row,) = await SignInAttempts.all()
    assert (row.failures, row.account_id) == (2, None)
    assert await places_of("eve@secret", "hunter2", "127.0.0.1") == []


async def test_nothing_is_left_of_the_counts_of_a_deleted_user(world: World, ask: Ask) -> None:  # K32
    bob = await a_user(world)
    ann = await world.portal_admin(bob.portal)
    await tries(ask, bob, times=2)

    await ask.act("deleteUsers", ann, bob)

    assert not await SignInAttempts.exists()


@pytest.mark.parametrize("document", ["enrollMfa", "disableMfa"])
async def test_a_wrong_current_password_counts_as_a_failed_sign_in(world: World, ask: Ask, document: str) -> None:
    bob = await a_user(world)
    text = f'mutation {{ {document}(input: {{currentPassword: "wrong"}}) {{ errors {{ code path }} }} }}'

    answers = [(await ask(text, actor=bob)).data[document]["errors"] for _ in range(3)]

    assert answers == [[{"code": "INVALID_CREDENTIALS", "path": ["input", "currentPassword"]}]] * 3
    assert await world.status(bob) is Status.LOCKED_OUT
    assert (await ask(WHO, actor=bob)).data["viewer"]


async def test_a_lock_is_never_shown_not_even_beside_another_blocker(world: World, ask: Ask) -> None:
    bob = await a_user(world)
    async with calling_from(world, ELSEWHERE) as at_home:
        assert await tries(at_home, bob, PASSWORD) == ["in"]
        await tries(ask, bob, times=3)
        await PortalUser.filter(id=bob.id).update(resume_status=Status.RECOVERY)
        assert bob.portal

        assert await sign_in(at_home, bob.login, PASSWORD, bob.portal.slug) == barred("RESET_PENDING")
        assert codes(await sign_in(ask, bob.login, PASSWORD, bob.portal.slug)) == WRONG


@at_productions_cost
async def test_right_passwords_that_come_all_at_once_are_right(world: World, ask: Ask) -> None:  # T7
    bob = await world.user(await world.portal(lockout_threshold=3), password=PASSWORD)
    assert bob.portal
    slug = bob.portal.slug

    payloads = await asyncio.gather(*(sign_in(ask, bob.login, PASSWORD, slug) for _ in range(12)))

    assert [payload["errors"] for payload in payloads if not payload["session"]] == []
    assert await world.status(bob) is Status.ACTIVE
