"""The bulk mutations: what they change, and whether `availableActions` agrees."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from rules.lifecycle.actions import Action
from rules.lifecycle.statuses import CATEGORY, Category, Status
from services.admin.doctor import find_wrong_values
from tests.rules.requirements import table
from tests.support.world import Ask, Person, TestClock, World
from tests.support.world.answers import counts, reason, reasons, seats, standing

MUTATIONS = {
    Action.ACTIVATE: "activateUsers",
    Action.DEACTIVATE: "deactivateUsers",
    Action.LOCK: "lockUsers",
    Action.UNLOCK: "unlockUsers",
    Action.REVOKE_SESSIONS: "revokeSessions",
    Action.CHANGE_ROLE: "changeRoles",
    Action.CHANGE_ACCESS: "changeAccess",
    Action.DELETE: "deleteUsers",
}

OFFERED = """
query ($ids: [ID!]!, $only: [UserAction!]) {
  nodes(ids: $ids) {
    ... on PortalUser {
      availableActions(only: $only) { action allowed reason { code message retryable retryAt suggestedAction params { name value } } }
    }
  }
}
"""


async def one_of_each(world: World, resume: Status) -> dict[Status, Person]:
    """Create a user in each status. Return the users keyed by status.

    LOCKED_OUT, SUSPENDED and DEACTIVATED users return to the status `resume` when they are unlocked or activated.
    """
    away = (Status.LOCKED_OUT, Status.SUSPENDED, Status.DEACTIVATED)
    return {s: await world.user(status=s, resume_status=resume if s in away else None) for s in Status}


@pytest.mark.parametrize("action", MUTATIONS)
async def test_each_action_does_to_each_status_what_the_table_says_and_was_offered_so(
    world: World, ask: Ask, action: Action
) -> None:  # K1, K3, L8, L9, L10, L13, T18, T19, T20, W12
    ann = await world.portal_admin()
    users = await one_of_each(world, resume=Status.RECOVERY)
    nodes = (await ask(OFFERED, actor=ann, ids=[user.gid for user in users.values()], only=[action])).data["nodes"]
    offered = [node["availableActions"][0] for node in nodes]

    payload = await ask.act(MUTATIONS[action], ann, *users.values())

    cells = [table()[action, status] for status in Status]
    assert reasons(payload) == [cell.refusal for cell in cells]
    assert [o["reason"] for o in payload["outcomes"]] == [entry["reason"] for entry in offered]
    assert [entry["allowed"] for entry in offered] == [cell.refusal is None for cell in cells]
    after = [s if cell.refusal else cell.leads_to(s, Status.RECOVERY) for s, cell in zip(Status, cells, strict=True)]
    assert standing(payload) == list(zip(Status, after, strict=True))
    assert [await world.status(user) for user in users.values()] == after
    assert not await find_wrong_values(world.parts.runtime)


@pytest.mark.parametrize(
    ("portal", "code"),
    [
        ({"seats": 1}, None),
        ({"seats": 0}, "NO_SEAT_AVAILABLE"),
        ({"seats": None}, "LICENSE_PACKAGE_INACTIVE"),
        ({"seats": 1, "is_active": False}, "PORTAL_INACTIVE"),
    ],
)
async def test_what_is_offered_depends_on_the_portal_as_the_action_does(  # K12, K29
    world: World, ask: Ask, portal: dict[str, Any], code: str | None
) -> None:
    nora = await world.mssp_admin()
    bob = await world.user(await world.portal(**portal), status=Status.DEACTIVATED)
    (node,) = (await ask(OFFERED, actor=nora, ids=[bob.gid], only=["ACTIVATE"])).data["nodes"]

    payload = await ask.act("activateUsers", nora, bob)

    (offered,) = node["availableActions"]
    assert reason(payload) == code
    assert (offered["allowed"], offered["reason"]) == (code is None, payload["outcomes"][0]["reason"])


async def test_no_admin_is_offered_to_remove_their_own_access(world: World, ask: Ask) -> None:
    ann = await world.portal_admin()

    (node,) = (await ask(OFFERED, actor=ann, ids=[ann.gid], only=["LOCK", "DELETE", "DEACTIVATE"])).data["nodes"]

    assert [entry["reason"]["code"] for entry in node["availableActions"]] == ["CANNOT_TARGET_SELF"] * 3


async def test_a_portal_user_is_offered_to_edit_their_own_names_only(world: World, ask: Ask) -> None:  # T1, T12
    bob = await world.user()

    (node,) = (await ask(OFFERED, actor=bob, ids=[bob.gid], only=None)).data["nodes"]

    assert [entry["action"] for entry in node["availableActions"] if entry["allowed"]] == ["UPDATE"]


@pytest.mark.parametrize("who", ["portal_admin", "technician", "mssp_admin"])
async def test_admins_and_staff_enable_disable_and_delete(world: World, ask: Ask, who: str) -> None:  # K1, L1, L8-L10
    portal = await world.portal()
    people = await world.users(3, portal)
    given = {"portal_admin": world.portal_admin, "technician": world.technician, "mssp_admin": world.mssp_admin}
    actor = await given[who](*([portal] if who == "technician" else []))  # type: ignore[operator]  # each takes them

    done = [await ask.act(name, actor, *people) for name in ("deactivateUsers", "activateUsers", "deleteUsers")]

    assert [reasons(payload) for payload in done] == [[None] * 3] * 3
    assert [o["user"] for o in done[-1]["outcomes"]] == [None] * 3


async def test_a_change_moves_the_version_and_the_instants(world: World, ask: Ask, clock: TestClock) -> None:  # T3
    ann, bob, eve = await world.portal_admin(), await world.user(), await world.user(status=Status.STAGED)
    clock.advance(timedelta(seconds=90))

    await ask.act("lockUsers", ann, bob, eve)

    document = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on PortalUser { version statusChangedAt modifiedAt } } }"
    changed, untouched = (await ask(document, actor=ann, ids=[bob.gid, eve.gid])).data["nodes"]
    now, then = "2026-03-01T09:01:30.000Z", "2026-03-01T09:00:00.000Z"
    assert changed == {"version": 2, "statusChangedAt": now, "modifiedAt": now}
    assert untouched == {"version": 1, "statusChangedAt": then, "modifiedAt": then}


@pytest.mark.parametrize(
    ("name", "status"),
    [("deactivateUsers", Status.ACTIVE), ("activateUsers", Status.DEACTIVATED), ("lockUsers", Status.ACTIVE)],
)
async def test_the_answer_carries_the_moved_tiles(world: World, ask: Ask, name: str, status: Status) -> None:
    # K13, K26, K28, T18
    portal = await world.portal(seats=50)
    ann = await world.portal_admin(portal)
    await world.users(2, portal)
    await world.users(3, portal, status=Status.DEACTIVATED)
    bob = await world.user(portal, status=status)
    before = (await ask("{ licenseTiles { id tiles { kind count } } }", actor=ann)).data["licenseTiles"]

    payload = await ask.act(name, ann, bob)

    summed = payload["licenseTiles"][-1]
    assert summed["id"] == before["id"]
    by = 1 if CATEGORY[status] is Category.DISABLED else -1
    moved = {kind: count - counts(before)[kind] for kind, count in counts(summed).items()}
    assert moved == {
        **{"ACTIVE_USERS": by, "INACTIVE_USERS": -by},
        **{"OPEN_INVITES": 0, "LOCKED_USERS": int(name == "lockUsers"), "WAITING_FOR_SEAT": 0},
    }
    assert counts(payload["licenseTiles"][0]) == counts(summed)


async def test_locking_and_unlocking_move_the_tile_of_the_locked(world: World, ask: Ask) -> None:  # T19
    ann, locked_out = await world.portal_admin(), await world.users(2, status=Status.LOCKED_OUT)
    ten = await world.users(10)

    locked = await ask.act("lockUsers", ann, *ten)
    unlocked = await ask.act("unlockUsers", ann, locked_out[0], *ten[:4])

    assert [counts(each["licenseTiles"][0])["LOCKED_USERS"] for each in (locked, unlocked)] == [12, 7]
    assert seats(unlocked["licenseTiles"][0])[1] == 12
