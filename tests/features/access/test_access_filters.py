"""Filters by what users may reach: groups, sub-accounts and app roles."""

from __future__ import annotations

from typing import Any

from models.tables import PortalUser
from resolvers.core.global_ids import global_id
from rules.grants.kinds import GrantableKind
from rules.lifecycle.licenses import UserKind
from rules.lifecycle.statuses import Status
from tests.features.listing.counting_statements import statements
from tests.features.listing.people import listed
from tests.features.selections.selecting import act, matching
from tests.rules.cases import an_id
from tests.support.granting import entry, grant, system_group
from tests.support.world import Ask, Person, World
from tests.support.world.answers import statuses

COUNTED = "query ($id: ID, $filter: UserFilter) { users(portalId: $id, filter: $filter) { totalCount nodes { id } } }"


async def found(ask: Ask, viewer: Person, **conditions: Any) -> set[str]:
    return set(await listed(ask, viewer, filter=conditions))


async def test_users_are_found_by_group_sub_account_and_app_role(world: World, ask: Ask) -> None:
    portal = await world.portal()
    ann, (bob, eve, kim) = await world.portal_admin(portal), await world.users(3, portal)
    group, other = [await entry(world, portal, GrantableKind.GROUP) for _ in range(2)]
    branch = await entry(world, portal, GrantableKind.SUB_ACCOUNT)
    role = await entry(world, portal, GrantableKind.APP_ROLE, "Editor", app="Wiki")
    await grant(world, bob, group, branch)
    await grant(world, eve, other, role, branch)

    assert await found(ask, ann, groupIdIn=[group.gid]) == {bob.gid}
    assert await found(ask, ann, groupIdIn=[group.gid, other.gid, "no id"]) == {bob.gid, eve.gid}
    assert await found(ask, ann, appRoleIdIn=[role.gid]) == {eve.gid}
    assert await found(ask, ann, subAccountIdIn=[branch.gid]) == {bob.gid, eve.gid}
    assert await found(ask, ann, subAccountIdIn=[branch.gid], groupIdIn=[other.gid]) == {eve.gid}
    assert kim.gid in await found(ask, ann, groupIdIn=None, subAccountIdIn=None, appRoleIdIn=None)


async def test_the_system_group_finds_the_external_users_of_its_portal(world: World, ask: Ask) -> None:  # E15
    one, two = await world.portal(), await world.portal()
    nora, ann = await world.mssp_admin(), await world.portal_admin(one)
    bob, eve = await world.user(one), await world.user(two)
    inside = await world.user(one, kind=UserKind.INTERNAL)
    group = await entry(world, one, GrantableKind.GROUP)
    await grant(world, inside, group)
    system, other = await system_group(one), await system_group(two)

    assert await found(ask, nora, groupIdIn=[system.gid]) == {bob.gid}
    assert await found(ask, nora, groupIdIn=[system.gid, other.gid]) == {bob.gid, eve.gid}
    assert await found(ask, nora, groupIdIn=[system.gid, group.gid]) == {bob.gid, inside.gid}
    assert await found(ask, ann, groupIdIn=[other.gid]) == set()


async def test_users_of_all_sub_accounts_reach_each_one_of_their_portal(world: World, ask: Ask) -> None:
    one, two = await world.portal(), await world.portal()
    nora, (bob, eve), kim = await world.mssp_admin(), await world.users(2, one), await world.user(two)
    await PortalUser.filter(id__in=[bob.id, kim.id]).update(all_sub_accounts=True)
    branch = await entry(world, one, GrantableKind.SUB_ACCOUNT)
    role = await entry(world, one, GrantableKind.APP_ROLE, app="Wiki")
    await grant(world, eve, branch)

    assert await found(ask, nora, subAccountIdIn=[branch.gid]) == {bob.gid, eve.gid}
    assert await found(ask, nora, subAccountIdIn=[global_id("SubAccount", role.id)]) == set()


async def test_ids_that_name_nothing_match_no_user(world: World, ask: Ask) -> None:
    portal = await world.portal()
    ann, bob = await world.portal_admin(portal), await world.user(portal)
    group = await entry(world, portal, GrantableKind.GROUP)
    await grant(world, bob, group)

    for name, kind in (("groupIdIn", "Group"), ("subAccountIdIn", "SubAccount"), ("appRoleIdIn", "AppRole")):
        for ids in ([], ["x"], [global_id(kind, an_id())], [global_id("Module", group.id)]):
            assert await found(ask, ann, **{name: ids}) == set(), (name, ids)


async def test_a_filtered_page_and_its_count_take_two_statements(world: World, ask: Ask) -> None:
    portal = await world.portal()
    ann, people = await world.portal_admin(portal), await world.users(20, portal)
    group = await entry(world, portal, GrantableKind.GROUP)
    for person in people[:7]:
        await grant(world, person, group)
    given = {"groupIdIn": [group.gid]}
    await ask(COUNTED, actor=ann, filter=given)  # the token is issued outside

    with statements() as sent:
        users = (await ask(COUNTED, actor=ann, filter=given)).data["users"]

    assert (users["totalCount"], {node["id"] for node in users["nodes"]}) == (7, {p.gid for p in people[:7]})
    assert len([text for text in sent if "user_grant" in text]) == 2


async def test_a_bulk_action_selects_the_members_of_a_group(world: World, ask: Ask) -> None:  # K3
    portal = await world.portal()
    ann, (bob, eve, kim) = await world.portal_admin(portal), await world.users(3, portal)
    group = await entry(world, portal, GrantableKind.GROUP)
    await grant(world, bob, group)
    await grant(world, eve, group)

    payload = await act(ask, "lockUsers", ann, matching(2, filter={"groupIdIn": [group.gid]}))

    assert payload["errors"] == []
    assert await statuses(world, [bob, eve, kim]) == [Status.SUSPENDED, Status.SUSPENDED, Status.ACTIVE]
