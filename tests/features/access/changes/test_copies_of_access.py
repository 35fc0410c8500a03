"""changeAccess with copyFromUserId: users get the access of another user."""

from __future__ import annotations

from rules.grants.kinds import GrantableKind
from rules.lifecycle.licenses import UserKind
from tests.features.access.changes.changing import NOTHING, access_to, change, held, one_of_each
from tests.features.selections.selecting import errors
from tests.support.granting import entry, grant
from tests.support.world import Ask, World
from tests.support.world.answers import reason, reasons

Kind = GrantableKind


async def test_users_get_all_that_the_other_user_has_and_lose_the_rest(world: World, ask: Ask) -> None:  # W2
    portal = await world.portal()
    ann, source, bob, eve = await world.portal_admin(portal), *await world.users(3, portal)
    entries = await one_of_each(world, portal, number=2)
    await change(ask, ann, source, access=access_to(*entries[::2], level="WRITE", allSubAccounts=True))
    await grant(world, bob, *entries[1::2])

    payload = await change(ask, ann, bob, eve, source, copy=source)

    assert reasons(payload) == [None, None, "ALREADY_IN_STATE"]
    assert [await held(world, each) for each in (bob, eve)] == [await held(world, source)] * 2


async def test_closed_access_is_copied_but_not_to_the_own_account(world: World, ask: Ask) -> None:  # E19
    ann, source, bob = await world.portal_admin(), await world.user(), await world.user()
    await change(ask, ann, source, access={"portalAccess": False})

    payload = await change(ask, ann, bob, ann, copy=source)

    assert reasons(payload) == [None, "CANNOT_TARGET_SELF"]
    assert await held(world, bob) == {**NOTHING, "portal": False}


async def test_what_the_user_may_not_have_is_not_copied(world: World, ask: Ask) -> None:  # W6, K5
    portal = await world.portal(in_production=True)
    ann, bob, intern = await world.portal_admin(portal), await world.user(), await world.user(kind=UserKind.INTERNAL)
    boss, external = await world.portal_admin(), await world.user()
    await grant(world, boss, await entry(world, portal, Kind.MODULE, admin_only=True))
    await grant(world, external, await entry(world, portal, Kind.APP_ROLE, app="CRM"))

    of_an_admin = await change(ask, ann, bob, ann, copy=boss)
    of_an_external_user = await change(ask, ann, bob, intern, copy=external)

    assert reasons(of_an_admin) == ["ADMIN_ONLY_MODULE", None]
    assert reasons(of_an_external_user) == [None, "INTERNAL_USER_NOT_ALLOWED"]


async def test_access_to_entries_is_not_copied_to_another_portal(world: World, ask: Ask) -> None:
    here, there = await world.portal(), await world.portal()
    nora, source, bob = await world.mssp_admin(), await world.user(here), await world.user(there)
    await grant(world, source, await entry(world, here, Kind.WORKSPACE))

    payload = await change(ask, nora, bob, copy=source)

    assert reason(payload) == "NOT_IN_PORTAL"
    assert {"name": "field", "value": "copyFromUserId"} in payload["outcomes"][0]["reason"]["params"]


async def test_a_user_that_the_caller_does_not_manage_is_not_found(world: World, ask: Ask) -> None:
    portal, foreign = await world.portal(), await world.portal(mssp=await world.mssp())
    ann, bob, stranger = await world.portal_admin(portal), await world.user(portal), await world.user(foreign)

    payloads = [await change(ask, ann, bob, copy=copy) for copy in (stranger, ann.gid.swapcase(), foreign.slug)]

    assert [errors(payload) for payload in payloads] == [[("NOT_FOUND", ["input", "copyFromUserId"])]] * 3
