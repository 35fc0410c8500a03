"""Names and addresses of deleted users are erased everywhere; operations never store them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from models.tables import AuditEvent, BulkOperation, BulkOutcome
from rules.lifecycle.statuses import Status
from tests.features.account.editing import code, update
from tests.features.selections.selecting import act, matching, preview
from tests.support.databases.stored import places_of
from tests.support.mail.mailed import nothing_is_queued
from tests.support.world import PASSWORD, Ask, TestClock, World
from tests.support.world.answers import reasons

CANARIES = ("Quincunx", "Zyzzyva", "Bartleby", "canary.one", "canary.two", "canary.three", "canary.four")


@pytest.mark.parametrize("status", [Status.ACTIVE, Status.PROVISIONED, Status.DEACTIVATED])
async def test_a_deletion_erases_names_and_addresses_from_every_table(
    world: World, ask: Ask, clock: TestClock, status: Status
) -> None:  # K32
    ann = await world.portal_admin()
    bob = await world.user(
        first_name="Quincunx",
        username="canary.one",
        email="canary.two@acme.test",
        status=status,
        password=PASSWORD,
    )
    edits: list[dict[str, Any]] = [
        {"firstName": "Zyzzyva", "lastName": "Bartleby"},
        {"username": "canary.three"},
        {"email": "canary.four@acme.test"},
        {"lastName": None},
    ]
    assert [code(await update(ask, ann, bob, **given)) for given in edits] == [None] * 4
    clock.advance(timedelta(minutes=1))
    for mutation in ("resendVerifications", "resetPasswords", "lockUsers"):
        await act(ask, mutation, ann, matching(1, search="canary.three"), idempotencyKey="k", reason="ticket 7")
    await preview(ask, "deleteUsers", ann, {"ids": [bob.gid, "canary.four@acme.test"]})
    assert await places_of(*CANARIES)

    payload = await ask.act("deleteUsers", ann, bob)

    assert reasons(payload) == [None]
    assert await places_of(*CANARIES) == []
    assert await nothing_is_queued()


async def test_a_deletion_erases_the_reason_of_a_run_or_preview_that_changed_nothing(
    world: World, ask: Ask
) -> None:  # K32
    ann, bob, eve = await world.portal_admin(), await world.user(), await world.user()
    alone, both = {"ids": [bob.gid]}, {"ids": [bob.gid, eve.gid]}
    told = {"reason": "Zyzzyva asked", "ticket": "Bartleby-1"}
    await act(ask, "activateUsers", ann, alone, **told)
    await act(ask, "unlockUsers", ann, both, reason="for Quincunx")
    await preview(ask, "lockUsers", ann, alone, **told)

    await ask.act("deleteUsers", ann, bob)

    assert await places_of(*CANARIES) == [("bulk_operation", "reason")]
    assert [each.reason for each in await BulkOperation.exclude(reason=None)] == ["for Quincunx"]


async def test_that_something_was_changed_stays_in_the_log_without_what_it_was(world: World, ask: Ask) -> None:  # K32
    ann, bob, eve = await world.portal_admin(), await world.user(), await world.user(first_name="Eve")
    for person in (bob, eve):
        await update(ask, ann, person, firstName="Zyzzyva")
    await ask.act("lockUsers", ann, bob)

    await ask.act("deleteUsers", ann, bob)

    document = """
    query ($id: ID!) {
      auditLog(userId: $id) { nodes { event userId user { id } actor { id } changes { field before after } } }
    }
    """
    of_bob, of_eve = [(await ask(document, actor=ann, id=p.gid)).data["auditLog"]["nodes"] for p in (bob, eve)]
    assert [event["event"] for event in of_bob] == ["USER_DELETED", "USER_LOCKED", "USER_UPDATED"]
    assert [event["changes"] for event in of_bob if event["event"] == "USER_UPDATED"] == [[]]
    assert all((e["userId"], e["user"], e["actor"]["id"]) == (bob.gid, None, ann.gid) for e in of_bob)
    assert of_eve[0]["changes"] == [{"field": "firstName", "before": "Eve", "after": "Zyzzyva"}]


async def test_names_and_addresses_pasted_where_ids_belong_are_not_kept(world: World, ask: Ask) -> None:  # K32
    ann, bob = await world.portal_admin(), await world.user()
    pasted = ["Quincunx", "canary.one@acme.test", "Bartleby Zyzzyva", "UXVpbmN1bng6QmFydGxlYnk=", "x" * 300, bob.gid]

    dry = await preview(ask, "lockUsers", ann, {"ids": pasted})
    real = await act(ask, "lockUsers", ann, {"ids": pasted}, idempotencyKey="k")
    again = await act(ask, "lockUsers", ann, {"ids": pasted}, idempotencyKey="k")

    for payload in (dry, real, again):
        assert [outcome["userId"] for outcome in payload["outcomes"]] == pasted
    assert await places_of("quincunx", "canary", "bartleby", "zyzzyva", pasted[3], "xxxxxx") == []
    assert await BulkOutcome.filter(sent_id=bob.gid).count() == 2


async def test_the_log_of_bulk_actions_holds_codes_only(world: World, ask: Ask) -> None:  # K32
    ann = await world.portal_admin()
    bob = await world.user(first_name="Quincunx", username="canary.one", email="canary.two@acme.test")

    for mutation in ("resetPasswords", "lockUsers", "unlockUsers", "deactivateUsers", "activateUsers"):
        await ask.act(mutation, ann, bob)

    assert await AuditEvent.all().count() == 5
    assert {table for table, _ in await places_of(*CANARIES)} == {"portal_user", "outbox_mail", "link_token"}
