"""The options of a bulk mutation, and the objects in its payload."""

from __future__ import annotations

from typing import Any

import pytest

from rules.lifecycle.statuses import Status
from tests.support.world import Ask, World
from tests.support.world.answers import reasons
from tests.support.world.bulk_documents import BULK

NAMES = [
    "activateUsers",
    "deactivateUsers",
    "lockUsers",
    "unlockUsers",
    "deleteUsers",
    "resendVerifications",
    "resetPasswords",
    "resetMfa",
    "revokeSessions",
]


@pytest.mark.parametrize("options", [None, {}, {"dryRun": False}, {"idempotencyKey": None}, {"reason": None}])
async def test_options_may_be_left_out_or_spelled_out(world: World, ask: Ask, options: dict[str, Any] | None) -> None:
    ann, bob = await world.portal_admin(), await world.user()

    input = {"users": {"ids": [bob.gid]}, "options": options}
    reply = await ask(BULK.format(name="lockUsers"), actor=ann, input=input)

    assert reasons(reply.data["lockUsers"]) == [None]


@pytest.mark.parametrize(
    "users", [{}, {"ids": None}, {"ids": ["x"], "previewId": "x"}, {"ids": [None]}, {"ids": 1.5}, None]
)
async def test_exactly_one_way_of_selecting_is_given(world: World, ask: Ask, users: Any) -> None:
    ann = await world.portal_admin()

    reply = await ask(BULK.format(name="lockUsers"), actor=ann, input={"users": users})

    assert reply.codes == ["BAD_USER_INPUT"]


@pytest.mark.parametrize(("length", "codes"), [(500, []), (501, ["INVALID_INPUT"])])
async def test_a_reason_has_at_most_five_hundred_characters(
    world: World, ask: Ask, length: int, codes: list[str]
) -> None:
    ann, bob = await world.portal_admin(), await world.user()

    payload = await ask.act("lockUsers", ann, bob, reason="é" * length)

    assert [error["code"] for error in payload["errors"]] == codes
    assert await world.status(bob) is (Status.ACTIVE if codes else Status.SUSPENDED)


@pytest.mark.parametrize("name", NAMES)
async def test_every_mutation_refuses_an_empty_selection(world: World, ask: Ask, name: str) -> None:
    ann = await world.portal_admin()

    payload = await ask.act(name, ann)

    assert [error["code"] for error in payload["errors"]] == ["INVALID_INPUT"]


async def test_outcomes_can_be_narrowed_to_one_status(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await world.user()
    document = """
    mutation ($input: BulkUsersInput!) {
      lockUsers(input: $input) { outcomes(status: SKIPPED) { index status } done: outcomes(status: SUCCEEDED) { index } }
    }
    """

    reply = await ask(document, actor=ann, input={"users": {"ids": ["unknown", bob.gid, "nothing"]}})

    assert [outcome["index"] for outcome in reply.data["lockUsers"]["outcomes"]] == [0, 2]
    assert [outcome["index"] for outcome in reply.data["lockUsers"]["done"]] == [1]


async def test_a_payload_leads_back_to_the_root_where_everything_is_as_it_is_now(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await world.user()  # K13
    document = """
    mutation ($input: BulkUsersInput!) {
      deactivateUsers(input: $input) {
        query { viewer { id } users(category: DISABLED) { nodes { id status } } auditLog { totalCount } }
      }
    }
    """

    reply = await ask(document, actor=ann, input={"users": {"ids": [bob.gid]}})

    assert reply.data["deactivateUsers"]["query"] == {
        "viewer": {"id": ann.gid},
        "users": {"nodes": [{"id": bob.gid, "status": "DEACTIVATED"}]},
        "auditLog": {"totalCount": 1},
    }


async def test_several_mutations_in_one_document_run_in_order_and_none_hides_another(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await world.user()
    document = """
    mutation ($bob: ID!) {
      lock: lockUsers(input: {users: {ids: [$bob]}}) { outcomes { newStatus } errors { code } }
      unknown: lockUsers(input: {users: {ids: []}}) { outcomes { newStatus } errors { code } }
      unlock: unlockUsers(input: {users: {ids: [$bob]}}) { outcomes { newStatus user { status } } errors { code } }
    }
    """

    data = (await ask(document, actor=ann, bob=bob.gid)).data

    assert data["lock"] == {"outcomes": [{"newStatus": "SUSPENDED"}], "errors": []}
    assert data["unknown"] == {"outcomes": [], "errors": [{"code": "INVALID_INPUT"}]}
    assert data["unlock"] == {"outcomes": [{"newStatus": "ACTIVE", "user": {"status": "ACTIVE"}}], "errors": []}
