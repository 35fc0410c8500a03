"""Which previews can be used, by which callers, and how often."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from resolvers.core.global_ids import global_id
from rules.lifecycle.statuses import Status
from tests.features.selections.selecting import (
    act,
    codes,
    errors,
    portal_gid,
    preview,
    previewed,
    these,
)
from tests.support.databases.stored import everything
from tests.support.world import Ask, TestClock, World
from tests.support.world.answers import reasons, statuses
from tests.support.world.bulk_documents import BULK

PREVIEW_ID = ["input", "users", "previewId"]

A_QUARTER = timedelta(minutes=15)

AN_INSTANT = timedelta(milliseconds=1)


async def test_a_preview_is_good_once(world: World, ask: Ask) -> None:
    ann, people = await world.portal_admin(), await world.users(2)
    dry = await preview(ask, "lockUsers", ann, these(*people))

    first = await act(ask, "lockUsers", ann, previewed(dry))
    await ask.act("unlockUsers", ann, *people)
    again = await act(ask, "lockUsers", ann, previewed(dry))

    assert (codes(first), errors(again)) == ([], [("PREVIEW_EXPIRED", PREVIEW_ID)])
    assert await statuses(world, people) == [Status.ACTIVE] * 2


async def test_of_many_who_use_a_preview_at_the_same_time_one_does(world: World, ask: Ask) -> None:
    ann, people = await world.portal_admin(), await world.users(3)
    dry = await preview(ask, "resetPasswords", ann, these(*people))

    answers = await asyncio.gather(*(act(ask, "resetPasswords", ann, previewed(dry)) for _ in range(8)))

    assert sorted(codes(payload) for payload in answers) == [[], *[["PREVIEW_EXPIRED"]] * 7]


async def test_looking_again_does_not_use_a_preview_up(world: World, ask: Ask) -> None:
    ann, people = await world.portal_admin(), await world.users(2)
    dry = await preview(ask, "lockUsers", ann, these(*people))
    await ask.act("lockUsers", ann, people[0])

    again = await preview(ask, "lockUsers", ann, previewed(dry))
    payload = await act(ask, "lockUsers", ann, previewed(dry))

    assert reasons(again) == reasons(payload) == ["ALREADY_IN_STATE", None]
    assert codes(await act(ask, "lockUsers", ann, previewed(again))) == []


async def test_a_refused_call_does_not_use_a_preview_up(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await world.user()
    dry = await preview(ask, "lockUsers", ann, these(bob))
    await act(ask, "lockUsers", ann, these(bob), idempotencyKey="taken")

    refused = await act(ask, "lockUsers", ann, previewed(dry), idempotencyKey="taken")

    assert codes(refused) == ["IDEMPOTENCY_KEY_REUSED"]
    assert reasons(await act(ask, "lockUsers", ann, previewed(dry))) == ["ALREADY_IN_STATE"]


@pytest.mark.parametrize(("age", "answer"), [(A_QUARTER - AN_INSTANT, []), (A_QUARTER, ["PREVIEW_EXPIRED"])])
async def test_a_preview_is_good_for_fifteen_minutes(
    world: World, ask: Ask, clock: TestClock, age: timedelta, answer: list[str]
) -> None:
    ann, bob = await world.portal_admin(), await world.user()
    dry = await preview(ask, "lockUsers", ann, these(bob))

    clock.advance(age)
    payload = await act(ask, "lockUsers", ann, previewed(dry), token=await world.token(ann))

    assert codes(payload) == answer
    assert await world.status(bob) is (Status.ACTIVE if answer else Status.SUSPENDED)


async def test_what_is_no_preview_of_one_s_own_is_not_found_with_the_same_bytes(world: World, ask: Ask) -> None:
    portal = await world.portal()
    ann, eve, bob = await world.portal_admin(portal), await world.portal_admin(portal), await world.user(portal)
    elsewhere = await world.portal("elsewhere", mssp=await world.mssp())
    stranger, theirs = await world.portal_admin(elsewhere), await world.user(elsewhere)
    used = await preview(ask, "lockUsers", ann, these(bob))
    none_of_these = [
        (await preview(ask, "lockUsers", eve, these(bob)))["operation"]["id"],
        (await preview(ask, "lockUsers", stranger, these(theirs)))["operation"]["id"],
        (await preview(ask, "unlockUsers", ann, these(bob)))["operation"]["id"],
        (await act(ask, "lockUsers", ann, previewed(used)))["operation"]["id"],
        global_id("BulkOperation", world.parts.runtime.new_id()),
        bob.gid,
        portal_gid(portal),
        "no id",
        "☂",
        used["operation"]["id"].swapcase(),
    ]
    before = await everything()

    document = BULK.format(name="lockUsers")
    replies = [await ask(document, actor=ann, input={"users": {"previewId": id}}) for id in none_of_these]

    assert {reply.response.content for reply in replies} == {replies[0].response.content}
    assert errors(replies[0].data["lockUsers"]) == [("NOT_FOUND", PREVIEW_ID)]
    assert await everything() == before


async def test_an_empty_preview_id_selects_no_user(world: World, ask: Ask) -> None:
    ann = await world.portal_admin()

    payload = await act(ask, "lockUsers", ann, {"previewId": ""})

    assert errors(payload) == [("INVALID_INPUT", PREVIEW_ID)]
