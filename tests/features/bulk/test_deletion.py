"""The deletion of users: which rows are deleted or kept, and that no later action restores the user."""

from __future__ import annotations

import pytest

from models.tables import AccountSession, AuditEvent, BulkOperation, BulkOutcome, PortalUser
from rules.lifecycle.statuses import Status
from services.admin.doctor import find_wrong_values
from tests.support.world import PASSWORD, Ask, World
from tests.support.world.answers import counts, gids, reasons, seats, sign_in


@pytest.mark.parametrize("status", Status)
async def test_a_user_in_any_status_is_removed_for_good(  # K1, K32, L10, W14, T20, T21
    world: World, ask: Ask, status: Status
) -> None:
    ann, bob = await world.portal_admin(), await world.user(status=status)

    payload = await ask.act("deleteUsers", ann, bob)

    assert (payload["outcomes"][0]["status"], payload["outcomes"][0]["user"]) == ("SUCCEEDED", None)
    gone = await ask("query ($id: ID!) { user(id: $id) { id } node(id: $id) { id } }", actor=ann, id=bob.gid)
    assert gone.data == {"user": None, "node": None}
    assert not await find_wrong_values(world.parts.runtime)


async def test_several_are_removed_at_once_and_the_counts_follow(world: World, ask: Ask) -> None:  # K3, K32, K33, W14
    portal = await world.portal(seats=10)
    ann, people = await world.portal_admin(portal), await world.users(3, portal)
    people += await world.users(2, portal, status=Status.DEACTIVATED)
    people += await world.users(2, portal, status=Status.PROVISIONED)
    stays = await world.user(portal)

    payload = await ask.act("deleteUsers", ann, *people)

    assert reasons(payload) == [None] * 7
    tiles = payload["licenseTiles"][0]
    assert counts(tiles) == {
        **{"ACTIVE_USERS": 2, "INACTIVE_USERS": 0, "OPEN_INVITES": 0},
        **{"LOCKED_USERS": 0, "WAITING_FOR_SEAT": 0},
    }
    assert seats(tiles) == (10, 1, 9)
    listed = (await ask("{ users { nodes { id } totalCount } }", actor=ann)).data["users"]
    assert {node["id"] for node in listed["nodes"]} == {ann.gid, stays.gid}
    assert listed["totalCount"] == 2


async def test_a_user_s_row_and_sessions_are_deleted_with_the_user(world: World, ask: Ask) -> None:  # K32
    ann, bob = await world.portal_admin(), await world.user()
    token = await world.token(bob)

    await ask.act("deleteUsers", ann, bob)

    assert not await PortalUser.filter(id=bob.id).exists()
    assert not await AccountSession.filter(user_id=bob.id).exists()
    assert (await ask("{ viewer { name } }", token=token)).unauthenticated


async def test_a_deleted_user_signs_in_like_one_who_never_was(world: World, ask: Ask) -> None:  # L10
    ann, bob = await world.portal_admin(), await world.user(password=PASSWORD)
    assert bob.portal

    await ask.act("deleteUsers", ann, bob)

    gone = await sign_in(ask, bob.login, PASSWORD, bob.portal.slug)
    assert gone == await sign_in(ask, "never.was", PASSWORD, bob.portal.slug)


async def test_a_second_deletion_finds_no_user(world: World, ask: Ask) -> None:  # T20
    ann, bob = await world.portal_admin(), await world.user()

    once, twice = [await ask.act("deleteUsers", ann, bob) for _ in range(2)]

    assert reasons(once) + reasons(twice) == [None, "NOT_FOUND"]


async def test_no_name_or_address_of_a_deleted_user_is_left(world: World, ask: Ask) -> None:  # K32
    ann = await world.portal_admin()
    bob = await world.user(first_name="Bartholomew", last_name="Quincunx", username="bq", email="bq@acme.test")
    await ask.act("lockUsers", ann, bob)

    operation = (await ask.act("deleteUsers", ann, bob))["operation"]["id"]

    document = """
    query ($operation: ID!, $user: ID!) {
      node(id: $operation) { ... on BulkOperation { outcomes { nodes { userId label user { id } reason { message } } } } }
      auditLog(userId: $user) { nodes { event userId user { id } changes { field before after } } }
      bulkOperations { nodes { outcomes { nodes { label user { id } } } } }
    }
    """
    reply = await ask(document, actor=ann, operation=operation, user=bob.gid)
    assert reply.data["node"]["outcomes"]["nodes"] == [{"userId": bob.gid, "label": None, "user": None, "reason": None}]
    assert [event["event"] for event in reply.data["auditLog"]["nodes"]] == ["USER_DELETED", "USER_LOCKED"]
    kept = [await table.all().values() for table in (BulkOperation, BulkOutcome, AuditEvent)]
    everything = (reply.response.text + repr(kept)).lower()
    assert not [word for word in ("bartholomew", "quincunx", "bq@acme") if word in everything]
    assert str(bob.id) in everything


async def test_a_removed_user_s_login_is_free_again(world: World, ask: Ask) -> None:  # T4, W14
    ann, bob = await world.portal_admin(), await world.user(username="bob", email="bob@acme.test")

    await ask.act("deleteUsers", ann, bob)
    again = await world.user(username="bob", email="bob@acme.test")

    found = (await ask('{ users(search: "bob@acme") { nodes { id } } }', actor=ann)).data["users"]["nodes"]
    assert [node["id"] for node in found] == gids([again])
    assert again.gid != bob.gid
