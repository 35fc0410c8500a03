"""Stored bulk operations: which viewers see them, and which of their fields."""

from __future__ import annotations

from typing import Any

import pytest

from models.tables import BulkOperation, BulkOutcome, Portal, TechnicianAssignment
from resolvers.core.global_ids import global_id
from rules.lifecycle.statuses import Status
from tests.rules.cases import an_id
from tests.support.world import Ask, Person, World
from tests.support.world.answers import reasons

FIELDS = """
  id action state reason createdAt finishedAt previewExpiresAt total processed
  summary { requested succeeded skipped failed byReason { code count } }
  startedBy { id }
  outcomes {
    nodes {
      index userId label status previousStatus newStatus user { id }
      reason { code message retryable retryAt suggestedAction params { name value } }
    }
    totalCount
  }
"""
NODE = f"query ($id: ID!) {{ node(id: $id) {{ ... on BulkOperation {{ {FIELDS} }} }} }}"
LISTED = """
query ($portalId: ID, $stateIn: [BulkOperationState!]) {
  bulkOperations(portalId: $portalId, stateIn: $stateIn) { nodes { id } totalCount }
}
"""


async def run(ask: Ask, actor: Person, *targets: Person | str, name: str = "lockUsers", **options: Any) -> str:
    """Run a bulk mutation, and return the id of its operation."""
    return str((await ask.act(name, actor, *targets, **options))["operation"]["id"])


async def shown(ask: Ask, viewer: Person, id: str) -> Any:
    return (await ask(NODE, actor=viewer, id=id)).data["node"]


async def listed(ask: Ask, viewer: Person, **arguments: Any) -> list[str]:
    found = (await ask(LISTED, actor=viewer, **arguments)).data["bulkOperations"]
    assert found["totalCount"] == len(found["nodes"])
    return [node["id"] for node in found["nodes"]]


def gid(portal: Portal) -> str:
    return global_id("Portal", portal.id)


async def test_an_operation_is_kept_as_it_was_answered(world: World, ask: Ask) -> None:  # K3
    ann, bob, staged = await world.portal_admin(), await world.user(), await world.user(status=Status.STAGED)
    never = global_id("PortalUser", an_id())

    payload = await ask.act("lockUsers", ann, bob, staged, never, bob, reason="ticket 42")

    kept = await shown(ask, ann, payload["operation"]["id"])
    outcomes = kept.pop("outcomes")
    assert kept == {
        **{"id": payload["operation"]["id"], "action": "LOCK", "state": "PARTIALLY_SUCCEEDED", "reason": "ticket 42"},
        **{"createdAt": "2026-03-01T09:00:00.000Z", "finishedAt": "2026-03-01T09:00:00.000Z"},
        **{"previewExpiresAt": None, "total": 4, "processed": 4, "summary": payload["summary"]},
        "startedBy": {"id": ann.gid},
    }
    assert outcomes["totalCount"] == 4
    assert outcomes["nodes"] == [
        {**outcome, "user": outcome["user"] and {"id": outcome["user"]["id"]}} for outcome in payload["outcomes"]
    ]


async def test_outcomes_come_in_pages_in_the_order_asked_and_by_status(world: World, ask: Ask) -> None:
    ann, people = await world.portal_admin(), await world.users(7)
    id = await run(ask, ann, *[target for n, person in enumerate(people) for target in (person, f"unknown-{n}")])
    document = """
    query ($id: ID!, $status: OutcomeStatus, $first: Int, $after: String, $last: Int, $before: String) {
      node(id: $id) {
        ... on BulkOperation {
          outcomes(status: $status, first: $first, after: $after, last: $last, before: $before) {
            nodes { index } totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
          }
        }
      }
    }
    """

    async def page(**arguments: Any) -> tuple[list[int], Any, int]:
        found = (await ask(document, actor=ann, id=id, **arguments)).data["node"]["outcomes"]
        return [node["index"] for node in found["nodes"]], found["pageInfo"], found["totalCount"]

    one, info, total = await page(first=5)
    two, ahead, _ = await page(first=50, after=info["endCursor"])
    back, behind, _ = await page(last=2, before=info["endCursor"])
    skipped, _, of_status = await page(status="SKIPPED")

    assert (one, two, total) == ([0, 1, 2, 3, 4], list(range(5, 14)), 14)
    assert (ahead["hasNextPage"], ahead["hasPreviousPage"]) == (False, True)
    assert (back, behind["hasNextPage"], behind["hasPreviousPage"]) == ([2, 3], True, True)
    assert (skipped, of_status) == (list(range(1, 14, 2)), 7)


async def test_who_sees_an_operation_and_how_much_of_it(world: World, ask: Ask) -> None:  # L3, T2
    one, two = await world.portal("one"), await world.portal("two")
    nora, tim, tom = await world.mssp_admin(), await world.technician(one, two), await world.technician(one, two)
    ann, bea, bob = await world.portal_admin(one), await world.portal_admin(two), await world.user(one)
    cas, uma = await world.portal_admin(await world.portal("three")), await world.user(one)
    eve, foreign = await world.user(two, status=Status.STAGED), await world.mssp_admin(await world.mssp())
    id = await run(ask, tim, bob, "unknown", eve, bob)

    counts = {}
    for viewer in (nora, tim, tom, ann, bea, cas, uma, foreign):
        kept = await shown(ask, viewer, id)
        counts[viewer] = kept and (kept["summary"]["requested"], [o["index"] for o in kept["outcomes"]["nodes"]])
        assert (await listed(ask, viewer)) == ([id] if kept else [])

    everything, nothing = (4, [0, 1, 2, 3]), None
    assert counts == {
        **{nora: everything, tim: everything, tom: nothing},
        **{ann: (2, [0, 3]), bea: (1, [2]), cas: nothing, uma: nothing, foreign: nothing},
    }


async def test_a_portal_admin_s_share_is_counted_on_its_own(world: World, ask: Ask) -> None:  # L3
    one, two = await world.portal("one"), await world.portal("two")
    nora, ann = await world.mssp_admin(), await world.portal_admin(one)
    bob, eve = await world.user(one), await world.user(two, status=Status.STAGED)

    kept = await shown(ask, ann, await run(ask, nora, eve, bob, "unknown"))

    assert (kept["total"], kept["processed"], kept["outcomes"]["totalCount"]) == (1, 1, 1)
    assert kept["summary"] == {"requested": 1, "succeeded": 1, "skipped": 0, "failed": 0, "byReason": []}
    assert (kept["startedBy"], kept["outcomes"]["nodes"][0]["userId"]) == (None, bob.gid)


async def test_one_s_own_operation_shows_no_user_who_is_out_of_reach_by_now(world: World, ask: Ask) -> None:  # T2
    portal = await world.portal()
    tim, bob = await world.technician(portal), await world.user(portal, status=Status.STAGED, first_name="Bartholomew")
    id = await run(ask, tim, bob)

    await TechnicianAssignment.filter(staff_id=tim.id).delete()

    (outcome,) = (await shown(ask, tim, id))["outcomes"]["nodes"]
    assert (outcome["userId"], outcome["user"], outcome["label"]) == (bob.gid, None, None)
    assert "Bartholomew" not in outcome["reason"]["message"]


async def test_the_outcome_of_a_deleted_user_names_no_user(world: World, ask: Ask) -> None:  # K32
    ann, bob = await world.portal_admin(), await world.user(status=Status.STAGED, first_name="Bartholomew")
    id = await run(ask, ann, bob)
    assert "Bartholomew" in (await shown(ask, ann, id))["outcomes"]["nodes"][0]["reason"]["message"]

    await ask.act("deleteUsers", ann, bob)

    (outcome,) = (await shown(ask, ann, id))["outcomes"]["nodes"]
    assert (outcome["userId"], outcome["user"], outcome["label"]) == (bob.gid, None, None)
    assert outcome["reason"]["message"].startswith("A user was not locked: ")


async def test_no_address_and_no_message_is_kept_whatever_was_sent_as_an_id(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await world.user(status=Status.STAGED)
    pasted = ["ann@acme.test", "Ann Lee <ann@acme.test>", "+49 170 1234567", "12 Main St.", "é", "Smith", "x" * 121]
    portal_id = gid(await world.portal())

    payload = await ask.act("lockUsers", ann, *pasted, portal_id, bob)

    kept = (await shown(ask, ann, payload["operation"]["id"]))["outcomes"]["nodes"]
    assert [outcome["userId"] for outcome in payload["outcomes"]] == [*pasted, portal_id, bob.gid]
    assert [outcome["userId"] for outcome in kept] == [None] * 7 + [portal_id, bob.gid]
    assert reasons({"outcomes": kept}) == ["NOT_FOUND"] * 8 + ["NOT_CONFIRMED"]
    stored = repr([await BulkOutcome.all().values(), await BulkOperation.all().values()])
    assert not [text for text in ("@", "Lee", "1234567", "Main", "Smith", "accepted", "Re-invite") if text in stored]


async def test_operations_are_listed_newest_first_by_portal_and_state(world: World, ask: Ask) -> None:
    one, two = await world.portal("one"), await world.portal("two")
    nora, bob, eve = await world.mssp_admin(), await world.user(one), await world.user(two)
    whole, part = await run(ask, nora, bob), await run(ask, nora, bob, eve)
    none, other = await run(ask, nora, "unknown"), await run(ask, nora, eve, name="unlockUsers")
    answers: list[tuple[dict[str, Any], list[str]]] = [
        ({}, [other, none, part, whole]),
        ({"portalId": gid(one)}, [part, whole]),
        ({"portalId": gid(two)}, [other, part]),
        ({"stateIn": ["SUCCEEDED"]}, [other, whole]),
        ({"stateIn": ["UNCHANGED", "PARTIALLY_SUCCEEDED"]}, [none, part]),
        ({"stateIn": ["FAILED"], "portalId": gid(one)}, []),
        ({"stateIn": []}, []),
        ({"stateIn": None, "portalId": None}, [other, none, part, whole]),
    ]

    for arguments, expected in answers:
        assert await listed(ask, nora, **arguments) == expected, arguments


@pytest.mark.parametrize("who", ["portal_admin", "user"])
async def test_operations_of_a_portal_that_is_not_one_s_own_to_manage_are_not_there(
    world: World, ask: Ask, who: str
) -> None:  # T1
    mine, sibling = await world.portal("mine"), await world.portal("sibling")
    viewer = await (world.portal_admin(sibling) if who == "portal_admin" else world.user(mine))

    for id in (gid(mine), global_id("Portal", an_id()), "x"):
        assert (await ask(LISTED, actor=viewer, portalId=id)).data == {"bulkOperations": None}


async def test_an_admin_of_the_portal_sees_what_another_admin_started_there(world: World, ask: Ask) -> None:
    ann, bea, bob = await world.portal_admin(), await world.portal_admin(), await world.user()

    id = await run(ask, ann, bob, "unknown")

    kept = await shown(ask, bea, id)
    assert (kept["startedBy"], kept["total"]) == ({"id": ann.gid}, 1)


async def test_outcomes_that_are_asked_for_together_are_not_mixed_up(world: World, ask: Ask) -> None:
    ann, people = await world.portal_admin(), await world.users(2)
    await run(ask, ann, people[0], "unknown", people[1])
    await run(ask, ann, "nothing", people[0], name="unlockUsers")
    document = """
    {
      bulkOperations {
        nodes {
          all: outcomes { nodes { index } totalCount }
          done: outcomes(status: SUCCEEDED) { nodes { index } totalCount }
          not: outcomes(status: SKIPPED) { nodes { index } totalCount }
          one: outcomes(first: 1) { nodes { index } totalCount }
        }
      }
    }
    """

    nodes = (await ask(document, actor=ann)).data["bulkOperations"]["nodes"]

    indices = [{name: [o["index"] for o in list["nodes"]] for name, list in node.items()} for node in nodes]
    assert indices == [
        {"all": [0, 1], "done": [1], "not": [0], "one": [0]},
        {"all": [0, 1, 2], "done": [0, 2], "not": [1], "one": [0]},
    ]
    assert [[list["totalCount"] for list in node.values()] for node in nodes] == [[2, 1, 1, 2], [3, 2, 1, 3]]
