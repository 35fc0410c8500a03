"""What a user may reach, as the user and admins read it (E15, E16, E17, W2)."""

from __future__ import annotations

from typing import Any

import pytest

from models.tables import Portal, PortalUser
from rules.grants.kinds import GrantableKind, ModuleAccess
from rules.lifecycle.licenses import UserKind
from tests.features.listing.counting_statements import statements
from tests.support.granting import Entry, entry, grant, system_group
from tests.support.world import Ask, Person, World

ACCESS = """
access {
  portalAccess modules { module { id name adminOnly } access } allSubAccounts subAccounts { id name }
  workspaces { id name } groups { id name isSystem } appRoles { id app name }
}
"""
OF_USER = f"query ($id: ID!) {{ user(id: $id) {{ {ACCESS} }} }}"
OWN = f"{{ viewer {{ ... on PortalUser {{ {ACCESS} }} }} }}"
TABLE = """
{ users(first: 100) { nodes { access {
  modules { access module { name } } subAccounts { name } workspaces { name } groups { name } appRoles { name }
} } } }
"""


async def access_of(ask: Ask, actor: Person, user: Person) -> Any:
    return (await ask(OF_USER, actor=actor, id=user.gid)).data["user"]["access"]


async def one_of_each(world: World, portal: Portal) -> dict[str, Entry]:
    named = {kind.value: await entry(world, portal, kind, f"A {kind.value}") for kind in GrantableKind}
    named["APP_ROLE"] = await entry(world, portal, GrantableKind.APP_ROLE, "Editor", app="Wiki")
    return named


async def test_an_admin_and_the_user_read_the_same_access(world: World, ask: Ask) -> None:  # E16, W2
    portal = await world.portal()
    ann, bob = await world.portal_admin(portal), await world.user(portal, kind=UserKind.INTERNAL)
    held = await one_of_each(world, portal)
    await grant(world, bob, *held.values(), level=ModuleAccess.WRITE)
    await PortalUser.filter(id=bob.id).update(all_sub_accounts=True)

    found = await access_of(ask, ann, bob)
    own = (await ask(OWN, actor=bob)).data["viewer"]["access"]

    assert found == own
    assert found == {
        "portalAccess": True,
        "modules": [{"module": {"id": held["MODULE"].gid, "name": "A MODULE", "adminOnly": False}, "access": "WRITE"}],
        "allSubAccounts": True,
        "subAccounts": [{"id": held["SUB_ACCOUNT"].gid, "name": "A SUB_ACCOUNT"}],
        "workspaces": [{"id": held["WORKSPACE"].gid, "name": "A WORKSPACE"}],
        "groups": [{"id": held["GROUP"].gid, "name": "A GROUP", "isSystem": False}],
        "appRoles": [{"id": held["APP_ROLE"].gid, "app": "Wiki", "name": "Editor"}],
    }


async def test_a_new_external_user_is_in_the_system_group_and_holds_nothing(world: World, ask: Ask) -> None:  # E15, E17
    portal = await world.portal()
    ann = await world.portal_admin(portal)
    invite = "mutation ($input: InviteUsersInput!) { inviteUsers(input: $input) { outcomes { user { id } } } }"
    invitees = [{"firstName": "Eve", "email": "eve@acme.test"}]
    target = {"newUsers": {"portalSlug": portal.slug, "invitees": invitees}}

    added = (await ask(invite, actor=ann, input={"target": target, "delivery": "NONE"})).data["inviteUsers"]
    eve = added["outcomes"][0]["user"]["id"]
    found = (await ask(OF_USER, actor=ann, id=eve)).data["user"]["access"]

    group = await system_group(portal)
    assert found == {
        "portalAccess": True,
        "modules": [],
        "allSubAccounts": False,
        "subAccounts": [],
        "workspaces": [],
        "groups": [{"id": group.gid, "name": "External users", "isSystem": True}],
        "appRoles": [],
    }


async def test_a_workspace_is_open_to_the_users_who_were_given_it_alone(world: World, ask: Ask) -> None:  # E17
    portal = await world.portal()
    ann, (bob, eve) = await world.portal_admin(portal), await world.users(2, portal)
    wiki = await entry(world, portal, GrantableKind.WORKSPACE, "Wiki")
    await grant(world, bob, wiki)

    assert [w["id"] for w in (await access_of(ask, ann, bob))["workspaces"]] == [wiki.gid]
    assert (await access_of(ask, ann, eve))["workspaces"] == []


async def test_an_internal_user_is_not_in_the_system_group(world: World, ask: Ask) -> None:  # E15
    portal = await world.portal()
    ann = await world.portal_admin(portal)
    group = await entry(world, portal, GrantableKind.GROUP, "Zebras")
    bob = await world.user(portal)
    for person in (ann, bob):
        await grant(world, person, group)

    assert [g["name"] for g in (await access_of(ask, ann, ann))["groups"]] == ["Zebras"]
    assert [g["name"] for g in (await access_of(ask, ann, bob))["groups"]] == ["External users", "Zebras"]


async def test_users_see_the_entries_that_they_hold_and_no_others(world: World, ask: Ask) -> None:  # L3
    portal = await world.portal()
    bob, eve = await world.users(2, portal)
    held, other = [await entry(world, portal, GrantableKind.GROUP) for _ in range(2)]
    await grant(world, bob, held)
    await grant(world, eve, held, other)
    group, strange = await system_group(portal), await system_group(await world.portal())
    inside = await world.user(portal, kind=UserKind.INTERNAL)
    nodes = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    ids = [held.gid, other.gid, group.gid, strange.gid]

    to_bob = (await ask(nodes, actor=bob, ids=ids)).data["nodes"]
    to_internal = (await ask(nodes, actor=inside, ids=ids)).data["nodes"]

    assert to_bob == [{"id": held.gid}, None, {"id": group.gid}, None]
    assert to_internal == [None] * 4


@pytest.mark.parametrize("number", [2, 99])
async def test_the_access_of_a_page_of_users_takes_one_statement(world: World, ask: Ask, number: int) -> None:
    portal = await world.portal()
    ann, people = await world.portal_admin(portal), await world.users(number, portal)
    held = await one_of_each(world, portal)
    for person in people:
        await grant(world, person, *held.values())
    await ask(TABLE, actor=ann)  # the token is issued outside

    with statements() as sent:
        reply = await ask(TABLE, actor=ann)

    nodes = reply.data["users"]["nodes"]
    assert len(nodes) == number + 1
    assert sum(len(node["access"]["appRoles"]) for node in nodes) == number
    assert len([text for text in sent if "grantable" in text]) == 1


async def test_columns_alone_read_no_grants(world: World, ask: Ask) -> None:
    portal = await world.portal()
    ann = await world.portal_admin(portal)
    await world.users(3, portal)
    document = "{ users { nodes { access { portalAccess allSubAccounts } } } }"
    await ask(document, actor=ann)

    with statements() as sent:
        nodes = (await ask(document, actor=ann)).data["users"]["nodes"]

    assert nodes == [{"access": {"portalAccess": True, "allSubAccounts": False}}] * 4
    assert [text for text in sent if "grant" in text] == []
