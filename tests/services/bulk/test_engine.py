"""The bulk engine: one outcome for each id, in order, even if the change of another user fails."""

from __future__ import annotations

import pytest

from models.tables import BulkOperation
from resolvers.core.global_ids import global_id
from rules.bulk_limits import MOST_USERS
from rules.lifecycle.statuses import Status
from tests.rules.cases import an_id
from tests.services.bulk.asking import OUTCOMES
from tests.support.world import Ask, Person, World
from tests.support.world.answers import gids, reasons, standing, statuses

NO_USERS = [
    "",
    "no-id",
    "ünïcode",
    "a b",
    "x" * 5000,
    "UG9ydGFsVXNlcjp4",
    "%00",
    "🙂",
    "1",
    global_id("Portal", an_id()),
    global_id("PortalUser", an_id())[:-1],
    global_id("PortalUser", an_id()).lower(),
]
"""Texts that are not the id of a user, each with another fault."""


async def locked_bytes(ask: Ask, actor: Person, id: str) -> bytes:
    """Lock the user with the id. Return the bytes of the answer, with "ID" in place of the id."""
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

    payload = await ask.act("lockUsers", ann, bob, staged, ann, "unknown", eve)

    assert reasons(payload) == [None, "NOT_CONFIRMED", "CANNOT_TARGET_SELF", "NOT_FOUND", None]
    assert standing(payload) == [
        ("ACTIVE", "SUSPENDED"),
        ("STAGED", "STAGED"),
        ("ACTIVE", "ACTIVE"),
        (None, None),
        ("ACTIVE", "SUSPENDED"),
    ]
    assert payload["summary"] == {
        **{"requested": 5, "succeeded": 2, "skipped": 3, "failed": 0},
        "byReason": [{"code": c, "count": 1} for c in ("NOT_CONFIRMED", "CANNOT_TARGET_SELF", "NOT_FOUND")],
    }


async def test_a_second_mention_is_a_duplicate_and_acts_no_more(world: World, ask: Ask) -> None:  # K3
    ann, bob, eve = await world.portal_admin(), await world.user(), await world.user(status=Status.SUSPENDED)

    payload = await ask.act("lockUsers", ann, bob, eve, bob, eve, "unknown", "unknown", bob)

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


async def test_all_or_nothing_changes_no_user_when_one_is_refused(world: World, ask: Ask) -> None:
    ann, bob, staged = await world.portal_admin(), await world.user(), await world.user(status=Status.STAGED)

    payload = await ask.act("lockUsers", ann, bob, staged, bob, "unknown", errorPolicy="ALL_OR_NOTHING")

    assert reasons(payload) == ["ABORTED_BY_POLICY", "NOT_CONFIRMED", "DUPLICATE_IN_REQUEST", "NOT_FOUND"]
    assert standing(payload) == [("ACTIVE", "ACTIVE"), ("STAGED", "STAGED"), ("ACTIVE", "ACTIVE"), (None, None)]
    assert payload["operation"]["state"] == "UNCHANGED"
    assert await world.status(bob) is Status.ACTIVE
    assert (await ask("{ auditLog { totalCount } }", actor=ann)).data["auditLog"]["totalCount"] == 0


async def test_all_or_nothing_does_all_when_all_can_be_done(world: World, ask: Ask) -> None:
    ann, people = await world.portal_admin(), await world.users(3)

    payload = await ask.act("lockUsers", ann, *people, errorPolicy="ALL_OR_NOTHING")

    assert reasons(payload) == [None] * 3
    assert payload["operation"]["state"] == "SUCCEEDED"


@pytest.mark.parametrize(
    ("lockable", "missing", "state"), [(2, 0, "SUCCEEDED"), (1, 1, "PARTIALLY_SUCCEEDED"), (0, 2, "UNCHANGED")]
)
async def test_the_operation_s_state_says_whether_all_some_or_none_succeeded(
    world: World, ask: Ask, lockable: int, missing: int, state: str
) -> None:
    ann = await world.portal_admin()
    people = await world.users(lockable) if lockable else []

    payload = await ask.act("lockUsers", ann, *people, *(f"unknown-{n}" for n in range(missing)))

    expected = {"state": state, "action": "LOCK", "total": 2, "processed": 2}
    assert {name: payload["operation"][name] for name in expected} == expected
    assert payload["replayed"] is False
