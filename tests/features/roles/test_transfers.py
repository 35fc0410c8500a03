"""transferPortalAdmin: the role of an admin is handed over in one step."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from models.tables import AuditEvent, Portal
from rules.access import Role
from rules.lifecycle.licenses import UserKind
from rules.lifecycle.statuses import CATEGORY, Category, Status
from services.admin.doctor import find_wrong_values
from tests.support.databases.stored import everything
from tests.support.world import Ask, Person, Reply, World

ADMIN, USER = Role.PORTAL_ADMIN, Role.PORTAL_USER
TRANSFER = """
mutation ($input: TransferPortalAdminInput!) {
  transferPortalAdmin(input: $input) {
    newAdmin { id role version }
    formerAdmin { id role version }
    errors { code message path params { name value } }
  }
}
"""


async def send(ask: Ask, actor: Person, to: Person | str, by: Person | str | None = None) -> Reply:
    ids = {"toUserId": to, "fromUserId": by}
    given = {name: each if isinstance(each, str) else each.gid for name, each in ids.items() if each is not None}
    return await ask(TRANSFER, actor=actor, input=given)


async def transfer(ask: Ask, actor: Person, to: Person | str, by: Person | str | None = None) -> Any:
    reply = await send(ask, actor, to, by)
    assert not reply.errors, reply.errors
    return reply.data["transferPortalAdmin"]


def problems(payload: Any) -> list[tuple[str, str]]:
    """Return the last field of the path and the `problem` of each error."""
    return [(error["path"][-1], error["params"][0]["value"]) for error in payload["errors"]]


async def roles(world: World, *people: Person) -> list[Role | None]:
    rows = [await world.row(person) for person in people]
    return [row and row.role for row in rows]


async def one_admin_portal(world: World, users: int = 1) -> tuple[Portal, Person, list[Person]]:
    """Return a portal with `maxAdmins` 1, its admin, and `users` other users."""
    portal = await world.portal("acme", max_admins=1)
    return portal, await world.portal_admin(portal), await world.users(users, portal)


@pytest.mark.parametrize("who", ["the admin", "technician", "mssp_admin"])
async def test_the_role_is_handed_over_where_only_one_admin_may_be(world: World, ask: Ask, who: str) -> None:  # L2, L7
    portal, ann, (bob,) = await one_admin_portal(world)
    staff = {"technician": world.technician, "mssp_admin": world.mssp_admin}
    actor = ann if who == "the admin" else await staff[who](*([portal] if who == "technician" else []))  # type: ignore[operator]  # each takes them

    payload = await transfer(ask, actor, bob)

    assert payload == {
        "newAdmin": {"id": bob.gid, "role": "PORTAL_ADMIN", "version": 2},
        "formerAdmin": {"id": ann.gid, "role": "PORTAL_USER", "version": 2},
        "errors": [],
    }
    assert await roles(world, ann, bob) == [USER, ADMIN]
    assert not await find_wrong_values(world.parts.runtime)


async def test_both_sessions_end_and_those_of_others_do_not(world: World, ask: Ask) -> None:
    _, ann, (bob, eve) = await one_admin_portal(world, users=2)
    for each in (bob, eve):
        await ask("{ viewer { id } }", actor=each)

    await transfer(ask, ann, bob)

    replies = [await ask("{ viewer { id } }", actor=each) for each in (ann, bob, eve)]
    assert [reply.unauthenticated for reply in replies] == [True, True, False]


async def test_both_changes_are_logged(world: World, ask: Ask) -> None:
    _, ann, (bob,) = await one_admin_portal(world)

    await transfer(ask, ann, bob)

    events = {event.user_id: event for event in await AuditEvent.all()}
    assert {event.event for event in events.values()} == {"user.role_changed"}
    assert events[ann.id].changes == [{"field": "role", "before": "PORTAL_ADMIN", "after": "PORTAL_USER"}]
    assert events[bob.id].changes == [{"field": "role", "before": "PORTAL_USER", "after": "PORTAL_ADMIN"}]
    assert {event.actor_id for event in events.values()} == {ann.id}


@pytest.mark.parametrize("status", Status)
async def test_only_an_enabled_user_becomes_the_admin(world: World, ask: Ask, status: Status) -> None:
    portal, ann, _ = await one_admin_portal(world, users=0)
    bob = await world.user(portal, status=status)

    payload = await transfer(ask, ann, bob)

    is_enabled = CATEGORY[status] is Category.ENABLED
    assert problems(payload) == ([] if is_enabled else [("toUserId", "NOT_ENABLED")])
    assert await roles(world, ann, bob) == ([USER, ADMIN] if is_enabled else [ADMIN, USER])


async def test_of_several_admins_one_is_named(world: World, ask: Ask) -> None:
    ann, kim, bob = await world.portal_admin(), await world.portal_admin(), await world.user()
    await world.portal_admin(status=Status.DEACTIVATED)

    unclear = await transfer(ask, ann, bob)
    payload = await transfer(ask, ann, bob, kim)

    assert problems(unclear) == [("fromUserId", "SEVERAL_ADMINS")]
    assert payload["errors"] == []
    assert await roles(world, ann, kim, bob) == [ADMIN, USER, ADMIN]


async def test_a_portal_without_an_admin_gets_none_by_a_handover(world: World, ask: Ask) -> None:
    portal, nora = await world.portal(max_admins=1), await world.mssp_admin()
    former = await world.portal_admin(portal, status=Status.DEACTIVATED)
    bob, kim = await world.users(2, portal)

    by_default, named = await transfer(ask, nora, bob), await transfer(ask, nora, bob, former)
    after = await transfer(ask, nora, kim, former)

    assert problems(by_default) == [("fromUserId", "NO_ADMIN")]
    assert named["errors"] == []
    assert problems(after) == [("fromUserId", "NO_ADMIN_NOW")]


async def test_a_refused_handover_answers_all_faults_and_changes_nothing(world: World, ask: Ask) -> None:
    here, there = await world.portal(), await world.portal()
    nora, ann, bob = await world.mssp_admin(), await world.portal_admin(here), await world.user(here)
    eve = await world.portal_admin(there, status=Status.SUSPENDED)
    await ask("{ viewer { id } }", actor=nora)
    before = await everything()

    answers = [
        problems(await transfer(ask, nora, *pair))
        for pair in ((eve, bob), (bob, bob), (ann, ann), ("no id", ""), ("no id", "no id"), (bob, nora))
    ]

    assert answers == [
        [("toUserId", "ADMIN_ALREADY"), ("toUserId", "NOT_ENABLED"), ("fromUserId", "OTHER_PORTAL")],
        [("fromUserId", "NO_ADMIN_NOW")],
        [("toUserId", "ADMIN_ALREADY")],
        [("toUserId", "NO_SUCH_USER")],
        [("toUserId", "NO_SUCH_USER"), ("fromUserId", "NO_SUCH_USER")],
        [("fromUserId", "NO_SUCH_USER")],
    ]
    assert await everything() == before


async def test_a_handover_works_above_a_lowered_limit_but_adds_no_admin(world: World, ask: Ask) -> None:  # L2
    portal = await world.portal(max_admins=1)
    ann, _ = await world.portal_admin(portal), await world.portal_admin(portal)
    gone = await world.portal_admin(portal, status=Status.DEACTIVATED)
    bob, kim = await world.users(2, portal)

    payload = await transfer(ask, ann, bob, ann)
    nora = await world.mssp_admin()
    refused = await transfer(ask, nora, kim, gone)

    assert payload["errors"] == []
    (error,) = refused["errors"]
    assert (error["code"], {p["name"]: p["value"] for p in error["params"]}["maximum"]) == ("ADMIN_LIMIT_REACHED", "1")
    assert await roles(world, ann, bob, kim, gone) == [USER, ADMIN, USER, ADMIN]


async def test_a_portal_user_hands_over_no_role(world: World, ask: Ask) -> None:  # T12
    _, ann, (bob,) = await one_admin_portal(world)

    payload = await transfer(ask, bob, bob, ann)

    assert [error["code"] for error in payload["errors"]] == ["NOT_ALLOWED"]
    assert await roles(world, ann, bob) == [ADMIN, USER]


async def test_of_two_parallel_handovers_by_staff_one_is_right(world: World, ask: Ask) -> None:  # L2
    portal, ann, (bob, kim) = await one_admin_portal(world, users=2)
    nora, tim = await world.mssp_admin(), await world.technician(portal)
    for each in (nora, tim):
        await ask("{ viewer { id } }", actor=each)

    payloads = await asyncio.gather(transfer(ask, nora, bob, ann), transfer(ask, tim, kim, ann))

    assert sorted(map(problems, payloads)) == [[], [("fromUserId", "NO_ADMIN_NOW")]]
    assert (await roles(world, ann, bob, kim)).count(ADMIN) == 1
    assert not await find_wrong_values(world.parts.runtime)


async def test_of_two_parallel_handovers_by_the_admin_one_is_right(world: World, ask: Ask) -> None:  # L2
    _, ann, (bob, kim) = await one_admin_portal(world, users=2)
    await ask("{ viewer { id } }", actor=ann)

    replies = await asyncio.gather(send(ask, ann, bob, ann), send(ask, ann, kim, ann))

    assert sorted(reply.codes for reply in replies) == [[], ["UNAUTHENTICATED"]]
    assert (await roles(world, ann, bob, kim)).count(ADMIN) == 1
    assert await world.row(ann)


async def test_a_kind_is_kept_by_a_handover(world: World, ask: Ask) -> None:
    portal, ann, _ = await one_admin_portal(world, users=0)
    bob = await world.user(portal, kind=UserKind.EXTERNAL)

    await transfer(ask, ann, bob)

    rows = [await world.row(each) for each in (ann, bob)]
    assert [row and (row.kind, row.holds_seat) for row in rows] == [("INTERNAL", False), ("EXTERNAL", True)]
