"""The bulk engine: one answer per mention, in order, and none that depends on another user's failure."""

from __future__ import annotations

import pytest

from models.tables import BulkOperation, TechnicianAssignment
from resolvers.core.global_ids import global_id
from rules.access import Role
from rules.lifecycle.statuses import Status
from services.bulk.targets.selection import MOST_USERS
from tests.rules.cases import an_id
from tests.support.answers import counts, gids, reason, reasons, standing, statuses
from tests.support.world import Ask, Person, World

NO_USERS = [
    *("", "no-id", "ünïcode", "a b", "x" * 5000, "UG9ydGFsVXNlcjp4", "%00", "🙂", "1"),
    global_id("Portal", an_id()),
    global_id("PortalUser", an_id())[:-1],
    global_id("PortalUser", an_id()).lower(),
]
"""Texts that are no user's id, each wrong in a way of its own."""

OUTCOMES = """
mutation ($input: BulkUsersInput!) {
  lockUsers(input: $input) {
    outcomes {
      index userId label status previousStatus newStatus
      reason { code message retryable retryAt suggestedAction } user { id }
    }
    summary { requested succeeded skipped failed byReason { code count } }
    operation { state summary { requested } }
    licenseTiles { id }
    replayed
    errors { code }
  }
}
"""


async def locked_bytes(ask: Ask, actor: Person, id: str) -> bytes:
    """The answer to locking that id, with the id itself blotted out."""
    reply = await ask(OUTCOMES, actor=actor, input={"users": {"ids": [id]}})
    assert reply.data["lockUsers"]["outcomes"][0]["userId"] == id
    return reply.response.content.replace(b'"userId":"' + id.encode() + b'"', b'"userId":"ID"')


async def names(ask: Ask, actor: Person, people: list[Person]) -> list[str]:
    document = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on PortalUser { name } } }"
    return [node["name"] for node in (await ask(document, actor=actor, ids=gids(people))).data["nodes"]]


async def test_one_outcome_per_user_comes_in_the_order_asked(world: World, ask: Ask) -> None:  # K3, W12
    ann, people = await world.portal_admin(), await world.users(7)
    asked = [people[i] for i in (3, 0, 6, 1, 5, 2, 4)]

    payload = await ask.act("deactivateUsers", ann, *asked)

    assert [o["userId"] for o in payload["outcomes"]] == gids(asked)
    assert [o["index"] for o in payload["outcomes"]] == list(range(7))
    assert [o["label"] for o in payload["outcomes"]] == await names(ask, ann, asked)
    assert set(await statuses(world, people)) == {Status.DEACTIVATED}


async def test_one_user_s_refusal_does_not_touch_the_others(world: World, ask: Ask) -> None:  # K3
    ann, bob, eve = await world.portal_admin(), await world.user(), await world.user()
    staged = await world.user(status=Status.STAGED)

    payload = await ask.act("lockUsers", ann, bob, staged, ann, "nobody", eve)

    assert reasons(payload) == [None, "NOT_CONFIRMED", "CANNOT_TARGET_SELF", "NOT_FOUND", None]
    assert standing(payload) == [
        *(("ACTIVE", "SUSPENDED"), ("STAGED", "STAGED"), ("ACTIVE", "ACTIVE"), (None, None), ("ACTIVE", "SUSPENDED")),
    ]
    assert payload["summary"] == {
        **{"requested": 5, "succeeded": 2, "skipped": 3, "failed": 0},
        "byReason": [{"code": c, "count": 1} for c in ("NOT_CONFIRMED", "CANNOT_TARGET_SELF", "NOT_FOUND")],
    }


async def test_a_second_mention_is_a_duplicate_and_acts_no_more(world: World, ask: Ask) -> None:  # K3
    ann, bob, eve = await world.portal_admin(), await world.user(), await world.user(status=Status.SUSPENDED)

    payload = await ask.act("lockUsers", ann, bob, eve, bob, eve, "nobody", "nobody", bob)

    duplicate = "DUPLICATE_IN_REQUEST"
    assert reasons(payload) == [None, "ALREADY_IN_STATE", duplicate, duplicate, "NOT_FOUND", duplicate, duplicate]
    assert standing(payload)[2] == ("SUSPENDED", "SUSPENDED")
    assert payload["outcomes"][2]["user"]["id"] == bob.gid
    assert standing(payload)[5] == (None, None)


async def test_before_any_rule_comes_who_was_meant(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await world.user(status=Status.STAGED)
    foreign = await world.portal_admin(await world.portal(is_active=False), status=Status.SUSPENDED)

    payload = await ask.act("lockUsers", ann, ann, ann, foreign, foreign, bob, bob)

    duplicate = "DUPLICATE_IN_REQUEST"
    assert reasons(payload) == ["CANNOT_TARGET_SELF", duplicate, "NOT_FOUND", duplicate, "NOT_CONFIRMED", duplicate]


async def test_a_deleted_user_s_second_mention_has_no_status(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await world.user()

    payload = await ask.act("deleteUsers", ann, bob, bob)

    assert reasons(payload) == [None, "DUPLICATE_IN_REQUEST"]
    assert standing(payload) == [("ACTIVE", None), (None, None)]


async def test_a_text_that_reads_like_a_row_s_id_is_no_mention_of_the_user(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await world.user()

    payload = await ask.act("lockUsers", ann, str(bob.id), bob)

    assert reasons(payload) == ["NOT_FOUND", None]


async def test_missing_malformed_and_foreign_ids_answer_with_the_same_bytes(world: World, ask: Ask) -> None:
    ann, sibling = await world.portal_admin(), await world.portal("sibling")
    elsewhere = await world.portal("elsewhere", mssp=await world.mssp())
    strangers = [
        await world.user(sibling),
        await world.portal_admin(sibling),
        await world.user(elsewhere),
        await world.mssp_admin(),
    ]

    answers = {await locked_bytes(ask, ann, id) for id in [*gids(strangers), *NO_USERS, ann.gid.swapcase()]}

    assert len(answers) == 1
    assert b'"NOT_FOUND"' in answers.pop()
    assert (await statuses(world, strangers[:3])) == [Status.ACTIVE] * 3


async def test_a_second_mention_of_a_foreign_id_answers_like_one_of_an_id_that_never_was(
    world: World, ask: Ask
) -> None:
    ann = await world.portal_admin()
    foreign = await world.user(await world.portal("sibling"))
    never = global_id("PortalUser", an_id())

    outcomes = [(await ask.act("lockUsers", ann, ids=[id, id]))["outcomes"][1] for id in (foreign.gid, never)]

    assert {**outcomes[0], "userId": never} == outcomes[1]


async def test_an_empty_selection_is_refused_as_a_whole(world: World, ask: Ask) -> None:
    ann = await world.portal_admin()

    payload = await ask.act("lockUsers", ann)

    assert [(e["code"], e["path"]) for e in payload["errors"]] == [("INVALID_INPUT", ["input", "users", "ids"])]
    assert (payload["outcomes"], payload["operation"], payload["licenseTiles"]) == ([], None, None)
    assert payload["summary"]["requested"] == 0
    assert not await BulkOperation.exists()


async def test_a_thousand_mentions_go_in_one_call_and_one_more_does_not(world: World, ask: Ask) -> None:  # K3
    ann, bob = await world.portal_admin(), await world.user()
    missing = [global_id("PortalUser", an_id()) for _ in range(MOST_USERS - 1)]

    most = await ask.act("lockUsers", ann, ids=[*missing, bob.gid])
    too_many = await ask.act("unlockUsers", ann, ids=[*missing, bob.gid, bob.gid])

    assert (most["summary"]["requested"], most["summary"]["succeeded"]) == (1000, 1)
    assert [error["code"] for error in too_many["errors"]] == ["TOO_MANY_USERS"]
    assert await world.status(bob) is Status.SUSPENDED


async def test_all_or_nothing_changes_nobody_when_one_cannot_be_changed(world: World, ask: Ask) -> None:
    ann, bob, staged = await world.portal_admin(), await world.user(), await world.user(status=Status.STAGED)

    payload = await ask.act("lockUsers", ann, bob, staged, bob, "nobody", errorPolicy="ALL_OR_NOTHING")

    assert reasons(payload) == ["ABORTED_BY_POLICY", "NOT_CONFIRMED", "DUPLICATE_IN_REQUEST", "NOT_FOUND"]
    assert standing(payload) == [("ACTIVE", "ACTIVE"), ("STAGED", "STAGED"), ("ACTIVE", "ACTIVE"), (None, None)]
    assert payload["operation"]["state"] == "FAILED"
    assert await world.status(bob) is Status.ACTIVE
    assert (await ask("{ auditLog { totalCount } }", actor=ann)).data["auditLog"]["totalCount"] == 0


async def test_all_or_nothing_does_all_when_all_can_be_done(world: World, ask: Ask) -> None:
    ann, people = await world.portal_admin(), await world.users(3)

    payload = await ask.act("lockUsers", ann, *people, errorPolicy="ALL_OR_NOTHING")

    assert reasons(payload) == [None] * 3
    assert payload["operation"]["state"] == "SUCCEEDED"


@pytest.mark.parametrize(
    ("lockable", "missing", "state"), [(2, 0, "SUCCEEDED"), (1, 1, "PARTIALLY_SUCCEEDED"), (0, 2, "FAILED")]
)
async def test_the_operation_s_state_says_whether_all_some_or_none_succeeded(
    world: World, ask: Ask, lockable: int, missing: int, state: str
) -> None:
    ann = await world.portal_admin()
    people = await world.users(lockable) if lockable else []

    payload = await ask.act("lockUsers", ann, *people, *(f"nobody-{n}" for n in range(missing)))

    expected = {"state": state, "action": "LOCK", "total": 2, "processed": 2}
    assert {name: payload["operation"][name] for name in expected} == expected
    assert payload["replayed"] is False


async def test_several_portals_in_one_bulk_answer_with_the_tiles_of_each_and_the_sum(world: World, ask: Ask) -> None:
    admin = await world.mssp_admin()
    portals = [await world.portal(slug, seats=1) for slug in ("one", "two", "three")]
    waiting = [await world.user(p, status=Status.DEACTIVATED) for p in (*portals, *portals)]

    payload = await ask.act("activateUsers", admin, *waiting)

    assert reasons(payload) == [None] * 3 + ["NO_SEAT_AVAILABLE"] * 3
    slugs = [tiles["portal"] and tiles["portal"]["slug"] for tiles in payload["licenseTiles"]]
    assert (sorted(slugs[:-1]), slugs[-1]) == (["one", "three", "two"], None)
    assert [counts(t)["ACTIVE_USERS"] for t in payload["licenseTiles"]] == [1, 1, 1, 3]


async def test_a_technician_acts_in_the_assigned_portals_only(world: World, ask: Ask) -> None:  # L1, T2
    mine, other = await world.portal("mine"), await world.portal("other")
    tim, bob, eve = await world.technician(mine), await world.user(mine), await world.user(other)

    payload = await ask.act("lockUsers", tim, bob, eve)

    assert reasons(payload) == [None, "NOT_FOUND"]
    assert [t["portal"] and t["portal"]["slug"] for t in payload["licenseTiles"]] == ["mine", None]


async def test_an_unassigned_technician_is_refused_at_once(world: World, ask: Ask) -> None:  # L1
    portal = await world.portal()
    tim, bob = await world.technician(portal), await world.user(portal)
    assert reason(await ask.act("lockUsers", tim, bob)) is None

    await TechnicianAssignment.filter(staff_id=tim.id).delete()

    assert reason(await ask.act("unlockUsers", tim, bob)) == "NOT_FOUND"
    assert await world.status(bob) is Status.SUSPENDED


async def test_two_providers_never_reach_each_other_s_users(world: World, ask: Ask) -> None:  # L3, T2
    theirs = await world.mssp("Theirs")
    ours, other = await world.portal("ours"), await world.portal("other", mssp=theirs)
    bob, eve = await world.user(ours), await world.user(other)
    admins = [await world.mssp_admin(), await world.mssp_admin(theirs)]

    answers = [reasons(await ask.act("lockUsers", admin, bob, eve)) for admin in admins]

    assert answers == [[None, "NOT_FOUND"], ["NOT_FOUND", None]]


async def test_a_portal_user_is_not_allowed_and_nothing_is_attempted(world: World, ask: Ask) -> None:  # T1, T12
    bob, eve = await world.user(), await world.user()

    payload = await ask.act("lockUsers", bob, eve)

    assert [error["code"] for error in payload["errors"]] == ["NOT_ALLOWED"]
    assert await world.status(eve) is Status.ACTIVE
    assert not await BulkOperation.exists()


async def test_a_stranger_is_told_to_sign_in(world: World, ask: Ask) -> None:  # T1
    bob = await world.user()

    reply = await ask(OUTCOMES, input={"users": {"ids": [bob.gid]}})

    assert reply.unauthenticated
    assert reply.data == {"lockUsers": None}


@pytest.mark.parametrize("name", ["deactivateUsers", "lockUsers", "deleteUsers"])
async def test_nobody_takes_himself_out(world: World, ask: Ask, name: str) -> None:
    ann = await world.portal_admin()

    payload = await ask.act(name, ann, ann)

    assert reason(payload) == "CANNOT_TARGET_SELF"
    assert await world.status(ann) is Status.ACTIVE


async def test_an_admin_may_take_another_admin_out_and_staff_even_the_last_one(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await world.portal_admin()
    nora = await world.staff(Role.MSSP_ADMIN)

    by_another = await ask.act("deactivateUsers", ann, bob)
    by_staff = await ask.act("deactivateUsers", nora, ann)

    assert (reason(by_another), reason(by_staff)) == (None, None)
    assert await statuses(world, [ann, bob]) == [Status.DEACTIVATED] * 2
