"""Idempotency keys: a repeated call has no second effect, and gets the same answer."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from models.tables import AuditEvent, BulkOperation, IdempotencyKey, OutboxMail
from rules.lifecycle.statuses import Status
from tests.features.selections.selecting import (
    act,
    codes,
    decisions,
    errors,
    matching,
    preview,
    previewed,
    these,
    user_ids,
)
from tests.support.databases.stored import everything
from tests.support.world import Ask, Person, TestClock, World
from tests.support.world.answers import counts, reasons, statuses
from tests.support.world.bulk_documents import BULK

KEY = ["input", "options", "idempotencyKey"]
A_DAY = timedelta(hours=24)
AN_INSTANT = timedelta(milliseconds=1)


def but_replayed(payload: Any) -> Any:
    """Return the payload without `replayed`, the only field that differs between the first answer and a replay."""
    return {name: value for name, value in payload.items() if name != "replayed"}


async def test_a_replay_gives_the_same_answer_and_has_no_effect(world: World, ask: Ask) -> None:  # K16
    one, two = await world.portal("one"), await world.portal("two")
    nora, people = await world.mssp_admin(), [await world.user(one), await world.user(two)]
    staged = await world.user(one, status=Status.STAGED)
    mentions = these(people[1], staged, people[0], people[1])
    first = await act(ask, "resetPasswords", nora, mentions, idempotencyKey="k", reason="ticket 7")
    before = await everything()

    again = await act(ask, "resetPasswords", nora, mentions, idempotencyKey="k", reason="ticket 7")

    assert (first["replayed"], again["replayed"]) == (False, True)
    assert but_replayed(again) == but_replayed(first)
    assert await everything() == before
    assert await OutboxMail.all().count() == await AuditEvent.all().count() == 2


async def test_a_replay_shows_the_users_and_the_tiles_as_they_are_now(world: World, ask: Ask) -> None:
    ann, bob, eve = await world.portal_admin(), await world.user(), await world.user()
    first = await act(ask, "lockUsers", ann, these(bob, eve), idempotencyKey="k")
    await ask.act("unlockUsers", ann, bob)
    await ask.act("deleteUsers", ann, eve)

    again = await act(ask, "lockUsers", ann, these(bob, eve), idempotencyKey="k")

    told = ("index", "userId", "status", "previousStatus", "newStatus", "reason")
    assert [[o[name] for name in told] for o in again["outcomes"]] == [
        [o[name] for name in told] for o in first["outcomes"]
    ]
    assert [o["user"] and o["user"]["status"] for o in again["outcomes"]] == ["ACTIVE", None]
    assert [bool(o["label"]) for o in again["outcomes"]] == [True, False]
    assert counts(again["licenseTiles"][0])["INACTIVE_USERS"] == 0
    assert await world.status(bob) is Status.ACTIVE


@pytest.mark.parametrize("mutation", ["deleteUsers", "revokeSessions", "activateUsers"])
async def test_a_run_of_any_outcome_is_replayed(world: World, ask: Ask, mutation: str) -> None:
    ann, bob = await world.portal_admin(), await world.user()
    mentions = {"ids": [bob.gid, "no id", "bob@acme.test", bob.gid]}

    answers = [await act(ask, mutation, ann, mentions, idempotencyKey="k") for _ in range(3)]

    assert [payload["replayed"] for payload in answers] == [False, True, True]
    assert [reasons(payload) for payload in answers] == [reasons(answers[0])] * 3
    assert [user_ids(payload) for payload in answers] == [mentions["ids"]] * 3
    assert await BulkOperation.all().count() == 1


async def test_a_selection_is_not_made_again_for_a_replay(world: World, ask: Ask) -> None:
    ann, _ = await world.portal_admin(), await world.users(3)
    active = matching(3, filter={"statusIn": ["ACTIVE"]}, excludeIds=[ann.gid])
    dry = await preview(ask, "unlockUsers", ann, matching(excludeIds=[ann.gid]))

    matched = [await act(ask, "lockUsers", ann, active, idempotencyKey="m") for _ in range(2)]
    by_preview = [await act(ask, "unlockUsers", ann, previewed(dry), idempotencyKey="p") for _ in range(2)]

    for first, again in (matched, by_preview):
        assert (first["replayed"], again["replayed"]) == (False, True)
        assert reasons(first) == reasons(again) == [None] * 3
        assert decisions(first) == decisions(again)


async def test_a_key_with_anything_else_is_refused_and_nothing_happens(world: World, ask: Ask) -> None:
    ann, bob, eve = await world.portal_admin(), await world.user(), await world.user()
    await act(ask, "lockUsers", ann, these(bob, eve), idempotencyKey="k", reason="one")
    others: list[tuple[Any, dict[str, Any]]] = [
        (these(bob), {"reason": "one"}),
        (these(eve, bob), {"reason": "one"}),
        (these(bob, eve, bob), {"reason": "one"}),
        (these(bob, eve), {"reason": "two"}),
        (these(bob, eve), {}),
        (these(bob, eve), {"reason": "one", "errorPolicy": "ALL_OR_NOTHING"}),
        (matching(2, excludeIds=[ann.gid]), {"reason": "one"}),
        ({"previewId": bob.gid}, {"reason": "one"}),
    ]
    before = await everything()

    answers = [await act(ask, "lockUsers", ann, users, idempotencyKey="k", **options) for users, options in others]

    assert [errors(payload) for payload in answers] == [[("IDEMPOTENCY_KEY_REUSED", KEY)]] * len(others)
    assert await everything() == before


async def test_what_is_left_out_and_what_is_spelled_out_is_the_same_input(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await world.user()
    spelled_out: dict[str, Any] = {"dryRun": False, "errorPolicy": "PARTIAL", "reason": None}
    await act(ask, "lockUsers", ann, these(bob), idempotencyKey="k")

    again = await act(ask, "lockUsers", ann, these(bob), idempotencyKey="k", **spelled_out)

    assert again["replayed"]


async def test_a_key_is_its_account_s_and_its_mutation_s(world: World, ask: Ask) -> None:
    portal = await world.portal()
    ann, eve, bob = await world.portal_admin(portal), await world.portal_admin(portal), await world.user(portal)

    calls = [("lockUsers", ann), ("lockUsers", eve), ("unlockUsers", ann), ("lockUsers", ann), ("unlockUsers", eve)]
    answers = [await act(ask, name, actor, these(bob), idempotencyKey="k") for name, actor in calls]
    other_session = await act(ask, "lockUsers", ann, these(bob), token=await world.token(ann), idempotencyKey="k")
    other_case = await act(ask, "lockUsers", ann, these(bob), idempotencyKey="K")

    assert [payload["replayed"] for payload in answers] == [False, False, False, True, False]
    assert [reasons(payload) for payload in answers] == [[None], ["ALREADY_IN_STATE"], [None], [None], ["NOT_LOCKED"]]
    assert (other_session["replayed"], other_case["replayed"]) == (True, False)


@pytest.mark.parametrize(("age", "replayed"), [(A_DAY - AN_INSTANT, True), (A_DAY, False)])
async def test_a_key_is_kept_for_twenty_four_hours(
    world: World, ask: Ask, clock: TestClock, age: timedelta, replayed: bool
) -> None:
    ann, bob, eve = await world.portal_admin(), await world.user(), await world.user()
    await act(ask, "lockUsers", ann, these(bob), idempotencyKey="k")
    await ask.act("unlockUsers", ann, bob)
    clock.advance(age)

    again = await act(ask, "lockUsers", ann, these(bob), token=await world.token(ann), idempotencyKey="k")
    other = await act(ask, "lockUsers", ann, these(eve), token=await world.token(ann), idempotencyKey="k")

    assert again["replayed"] is replayed
    assert await world.status(bob) is (Status.ACTIVE if replayed else Status.SUSPENDED)
    assert codes(other) == ["IDEMPOTENCY_KEY_REUSED"]


async def test_answers_with_errors_are_not_kept(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await world.user()
    refused = [
        await act(ask, "lockUsers", ann, {"ids": []}, idempotencyKey="k"),
        await act(ask, "lockUsers", ann, matching(7), idempotencyKey="k"),
        await act(ask, "lockUsers", ann, {"previewId": "no id"}, idempotencyKey="k"),
        await act(ask, "lockUsers", ann, {"ids": ["x"] * 1001}, idempotencyKey="k"),
    ]
    assert not await IdempotencyKey.exists()

    payload = await act(ask, "lockUsers", ann, these(bob), idempotencyKey="k")

    assert [codes(each)[0] for each in refused] == ["INVALID_INPUT", "SELECTION_CHANGED", "NOT_FOUND", "TOO_MANY_USERS"]
    assert (reasons(payload), payload["replayed"]) == ([None], False)


async def test_a_dry_run_ignores_its_key(world: World, ask: Ask) -> None:
    ann, bob, eve = await world.portal_admin(), await world.user(), await world.user()

    dry = [await preview(ask, "lockUsers", ann, these(who), idempotencyKey="k") for who in (bob, eve)]
    real = await act(ask, "lockUsers", ann, these(bob), idempotencyKey="k")
    afterwards = await preview(ask, "lockUsers", ann, these(bob), idempotencyKey="k")

    assert [payload["operation"]["state"] for payload in (*dry, afterwards)] == ["PREVIEW"] * 3
    assert [payload["replayed"] for payload in (*dry, real, afterwards)] == [False] * 4
    assert reasons(afterwards) == ["ALREADY_IN_STATE"]


@pytest.mark.parametrize(
    ("key", "answer"),
    [("k", []), ("é☂" * 127, []), ("x" * 255, []), ("x" * 256, ["INVALID_INPUT"])],
)
async def test_a_key_has_at_most_255_characters(world: World, ask: Ask, key: str, answer: list[str]) -> None:
    ann, bob = await world.portal_admin(), await world.user()

    payload = await act(ask, "lockUsers", ann, these(bob), idempotencyKey=key)

    assert codes(payload) == answer
    assert await world.status(bob) is (Status.ACTIVE if answer else Status.SUSPENDED)


async def test_an_empty_key_is_as_none(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await world.user()

    payloads = [await act(ask, "lockUsers", ann, these(bob), idempotencyKey="") for _ in range(2)]

    assert [payload["replayed"] for payload in payloads] == [False, False]
    assert [reasons(payload) for payload in payloads] == [[None], ["ALREADY_IN_STATE"]]


@pytest.mark.parametrize("key", ["a\0b", "\0"])
async def test_a_key_that_no_column_holds_is_bad_input(world: World, ask: Ask, key: str) -> None:
    ann, bob = await world.portal_admin(), await world.user()

    reply = await ask(
        BULK.format(name="lockUsers"), actor=ann, input={"users": these(bob), "options": {"idempotencyKey": key}}
    )

    assert reply.codes == ["BAD_USER_INPUT"]
    assert await world.status(bob) is Status.ACTIVE


async def test_fifty_calls_at_once_have_one_effect_and_fifty_equal_answers(world: World, ask: Ask) -> None:
    one, two = await world.portal("one"), await world.portal("two")
    nora, people = await world.mssp_admin(), [*await world.users(5, two), *await world.users(5, one)]
    mutation, mentions = "resetPasswords", these(*people)
    await ask("{ viewer { id } }", actor=nora)

    answers = await asyncio.gather(*(act(ask, mutation, nora, mentions, idempotencyKey="k") for _ in range(50)))

    assert sorted(payload["replayed"] for payload in answers) == [False, *[True] * 49]
    assert all(but_replayed(payload) == but_replayed(answers[0]) for payload in answers)
    assert reasons(answers[0]) == [None] * 10
    assert await OutboxMail.all().count() == await AuditEvent.all().count() == 10
    assert await BulkOperation.all().count() == 1


async def test_of_different_inputs_with_one_key_at_once_one_is_acted_on(world: World, ask: Ask) -> None:
    nora, people = await world.mssp_admin(), await world.users(20)
    await ask("{ viewer { id } }", actor=nora)

    async def lock(person: Person) -> Any:
        return await act(ask, "lockUsers", nora, these(person), idempotencyKey="k")

    answers = await asyncio.gather(*(lock(person) for person in people))

    assert sorted(codes(payload) for payload in answers) == [[], *[["IDEMPOTENCY_KEY_REUSED"]] * 19]
    assert sorted(map(str, await statuses(world, people))) == ["ACTIVE"] * 19 + ["SUSPENDED"]
