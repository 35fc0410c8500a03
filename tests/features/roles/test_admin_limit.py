"""A portal has at most as many admins as its policy `maxAdmins` allows."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from models.tables import Portal, PortalUser
from rules.access import Role
from rules.lifecycle.licenses import UserKind
from rules.lifecycle.statuses import Status
from services.admin.doctor import find_wrong_values
from tests.features.invitations.accepting import invited
from tests.features.invitations.inviting import accept, ada, invitation_token, invite_new, new_person
from tests.support.world import Ask, Person, World
from tests.support.world.answers import reason, reasons

LIMIT = "ADMIN_LIMIT_REACHED"
DOCUMENT = """
mutation ($input: BulkUsersInput!) {
  activateUsers(input: $input) { outcomes { reason { code message params { name value } } } }
}
"""


def an_admin(number: int) -> dict[str, Any]:
    return ada(email=f"admin.{number}@new.test", role="PORTAL_ADMIN")


async def admins_of(portal: Portal) -> int:
    return await PortalUser.filter(portal_id=portal.id, role=Role.PORTAL_ADMIN).exclude(status="DEACTIVATED").count()


async def former_admins(world: World, portal: Portal, number: int) -> list[Person]:
    return await world.users(number, portal, status=Status.DEACTIVATED, role=Role.PORTAL_ADMIN, kind=UserKind.INTERNAL)


@pytest.mark.parametrize("delivery", ["EMAIL", "NONE"])
async def test_an_invited_admin_takes_the_place_before_the_acceptance(
    world: World, ask: Ask, delivery: str
) -> None:  # L2, L7
    portal, nora = await world.portal(max_admins=1), await world.mssp_admin()

    payload = await invite_new(ask, nora, portal, an_admin(1), an_admin(2), delivery=delivery)

    assert reasons(payload) == [None, LIMIT]
    assert reason(await invite_new(ask, nora, portal, an_admin(3), delivery=delivery)) == LIMIT
    assert await admins_of(portal) == 1
    assert not await find_wrong_values(world.parts.runtime)


async def test_a_deactivated_admin_gives_the_place_to_a_successor(world: World, ask: Ask) -> None:  # L2
    portal = await world.portal(max_admins=1)
    nora, ann = await world.mssp_admin(), await world.portal_admin(portal)

    await ask.act("deactivateUsers", nora, ann)
    invitation = await invite_new(ask, nora, portal, an_admin(1))
    back = await ask.act("activateUsers", nora, ann)

    assert (reason(invitation), reason(back)) == (None, LIMIT)
    assert await admins_of(portal) == 1


@pytest.mark.parametrize("name", ["lockUsers", "revokeSessions"])
async def test_an_admin_who_may_return_keeps_the_place(world: World, ask: Ask, name: str) -> None:  # L2
    portal = await world.portal(max_admins=1)
    nora, ann = await world.mssp_admin(), await world.portal_admin(portal)

    await ask.act(name, nora, ann)

    assert reason(await invite_new(ask, nora, portal, an_admin(1))) == LIMIT


async def test_the_refusal_names_the_limit(world: World, ask: Ask) -> None:
    portal = await world.portal("acme", max_admins=2)
    nora, (ann,) = await world.mssp_admin(), await former_admins(world, portal, 1)
    await world.portal_admin(portal)
    await world.portal_admin(portal)

    reply = await ask(DOCUMENT, actor=nora, input={"users": {"ids": [ann.gid]}})

    (outcome,) = reply.data["activateUsers"]["outcomes"]
    given = {param["name"]: param["value"] for param in outcome["reason"]["params"]}
    assert (outcome["reason"]["code"], given["portal"], given["maximum"]) == (LIMIT, "Acme", "2")
    assert "as many admins as its policy allows (maxAdmins: 2)" in outcome["reason"]["message"]


async def test_a_lowered_limit_takes_no_role_away_and_enables_no_further_admin(world: World, ask: Ask) -> None:  # L2
    ann, bob, token = await invited(world, ask)
    kim = await world.portal_admin(status=Status.SUSPENDED)
    portal = ann.portal
    assert portal
    await PortalUser.filter(id=bob.id).update(role=Role.PORTAL_ADMIN)
    await Portal.filter(id=portal.id).update(max_admins=1, counted_admins=3)

    unlocked = await ask.act("unlockUsers", ann, kim)
    accepted = await accept(ask, token)

    assert reason(unlocked) == LIMIT
    assert ([error["code"] for error in accepted["errors"]], accepted["session"]) == ([LIMIT], None)
    assert [await world.status(each) for each in (ann, bob, kim)] == ["ACTIVE", "PROVISIONED", "SUSPENDED"]
    await Portal.filter(id=portal.id).update(max_admins=3)
    assert (await accept(ask, token))["session"]
    assert reason(await ask.act("unlockUsers", ann, kim)) is None
    assert not await find_wrong_values(world.parts.runtime)


async def test_of_parallel_activations_of_admins_one_wins_the_last_place(world: World, ask: Ask) -> None:  # L2
    portal, nora = await world.portal(max_admins=1), await world.mssp_admin()
    former = await former_admins(world, portal, 4)
    await ask("{ viewer { id } }", actor=nora)

    payloads = await asyncio.gather(*(ask.act("activateUsers", nora, each) for each in former))

    assert sorted(map(str, map(reason, payloads))) == [*[LIMIT] * 3, "None"]
    assert await admins_of(portal) == 1
    assert not await find_wrong_values(world.parts.runtime)


async def test_of_parallel_invitations_of_admins_one_wins_the_last_place(world: World, ask: Ask) -> None:  # L2, L7
    portal, nora = await world.portal(max_admins=1), await world.mssp_admin()
    await ask("{ viewer { id } }", actor=nora)

    payloads = await asyncio.gather(*(invite_new(ask, nora, portal, an_admin(number)) for number in range(4)))

    assert sorted(map(str, map(reason, payloads))) == [*[LIMIT] * 3, "None"]
    assert await admins_of(portal) == 1


async def test_of_parallel_acceptances_of_admins_one_wins_the_last_place(world: World, ask: Ask) -> None:  # L2, L7
    portal, nora = await world.portal(max_admins=2), await world.mssp_admin()
    invitees = [new_person(await invite_new(ask, nora, portal, an_admin(number))) for number in range(2)]
    tokens = [await invitation_token(world, each) for each in invitees]
    await Portal.filter(id=portal.id).update(max_admins=1)

    payloads = await asyncio.gather(*(accept(ask, token) for token in tokens))

    assert sorted(str([error["code"] for error in payload["errors"]]) for payload in payloads) == [f"['{LIMIT}']", "[]"]
    assert sorted([str(await world.status(each)) for each in invitees]) == ["ACTIVE", "PROVISIONED"]
    assert not await find_wrong_values(world.parts.runtime)
