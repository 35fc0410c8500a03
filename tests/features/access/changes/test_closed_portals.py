"""changeAccess closes and opens the portal to a user."""

from __future__ import annotations

import asyncio

import pytest

from models.tables import Portal
from rules.access import Role
from services.admin.doctor import find_wrong_values
from tests.features.access.changes.changing import change, held
from tests.features.roles.test_transfers import problems, transfer
from tests.support.world import PASSWORD, Ask, Person, World
from tests.support.world.answers import barred, reason, reasons, sign_in

CLOSED, OPEN = {"portalAccess": False}, {"portalAccess": True}


async def is_signed_in(ask: Ask, person: Person) -> bool:
    return bool((await ask("{ viewer { id } }", actor=person)).data["viewer"])


async def test_a_user_loses_sessions_and_sign_in_when_the_portal_is_closed(world: World, ask: Ask) -> None:  # E19
    portal = await world.portal("acme")
    ann, bob, eve = await world.portal_admin(portal), await world.user(password=PASSWORD), await world.user()
    assert await is_signed_in(ask, bob)
    assert await is_signed_in(ask, eve)

    payload = await change(ask, ann, bob, access=CLOSED)
    ended, blocked = not await is_signed_in(ask, bob), await sign_in(ask, bob.login, PASSWORD, "acme")
    await change(ask, ann, bob, access=OPEN)
    session = (await sign_in(ask, bob.login, PASSWORD, "acme"))["session"]

    assert (reason(payload), ended) == (None, True)
    assert {**blocked, "errors": []} == barred("PORTAL_ACCESS_CLOSED")
    assert session
    assert not await is_signed_in(ask, bob)  # the earlier session: nothing revives it
    assert await is_signed_in(ask, eve)


async def test_access_that_stays_open_keeps_the_sessions(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await world.user()
    assert await is_signed_in(ask, bob)

    await change(ask, ann, bob, access={**OPEN, "allSubAccounts": True})

    assert await is_signed_in(ask, bob)


async def test_an_admin_closes_the_portal_neither_to_oneself_nor_to_the_last_admin(
    world: World, ask: Ask
) -> None:  # E19
    portal = await world.portal()
    ann, bob, nora = await world.portal_admin(portal), await world.portal_admin(), await world.mssp_admin()

    by_ann = await change(ask, ann, ann, bob, access=CLOSED)
    gives_up = await ask.act("changeRoles", ann, ann, role="PORTAL_USER")
    by_nora = await change(ask, nora, ann, access=CLOSED)

    assert reasons(by_ann) == ["CANNOT_TARGET_SELF", None]
    assert (reason(gives_up), reason(by_nora)) == ("LAST_ADMIN", None)
    assert (await Portal.get(id=portal.id)).enabled_admins == 0
    assert not await find_wrong_values(world.parts.runtime)


async def test_of_two_admins_who_close_the_portal_to_each_other_one_stays(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await world.portal_admin()
    tokens = {each.id: await world.token(each) for each in (ann, bob)}
    document = "mutation ($input: ChangeAccessInput!) { changeAccess(input: $input) { outcomes { status } } }"

    replies = await asyncio.gather(
        *(
            ask(document, token=tokens[actor.id], input={"users": {"ids": [target.gid]}, "access": CLOSED})
            for actor, target in ((ann, bob), (bob, ann))
        )
    )

    assert sorted(reply.codes for reply in replies) == [[], ["UNAUTHENTICATED"]]
    assert sorted([(await held(world, each))["portal"] for each in (ann, bob)]) == [False, True]
    assert not await find_wrong_values(world.parts.runtime)


async def test_opening_the_portal_to_an_admin_keeps_the_limit(world: World, ask: Ask) -> None:  # L2
    portal = await world.portal()
    ann, bob = await world.portal_admin(portal), await world.portal_admin()
    await change(ask, ann, bob, access=CLOSED)
    await Portal.filter(id=portal.id).update(max_admins=1)

    payload = await change(ask, ann, bob, access=OPEN)

    assert reason(payload) == "ADMIN_LIMIT_REACHED"


async def test_the_role_is_not_handed_over_to_a_user_without_access(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await world.user()
    await change(ask, ann, bob, access=CLOSED)

    refused = await transfer(ask, ann, bob)

    assert problems(refused) == [("toUserId", "ACCESS_CLOSED")]


@pytest.mark.parametrize("role", [Role.PORTAL_USER, Role.PORTAL_ADMIN])
async def test_the_counters_hold_whatever_is_closed_and_opened(world: World, ask: Ask, role: Role) -> None:
    nora, people = await world.mssp_admin(), await world.users(3, role=role)

    for access in (CLOSED, OPEN, CLOSED):
        await change(ask, nora, *people, access=access)
        assert not await find_wrong_values(world.parts.runtime)
    await ask.act("deactivateUsers", nora, people[0])
    await ask.act("deleteUsers", nora, people[1])

    assert not await find_wrong_values(world.parts.runtime)
