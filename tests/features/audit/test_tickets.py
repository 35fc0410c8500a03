"""The ticket number of a bulk action: the operation and its audit events store it, and lists find it."""

from __future__ import annotations

from typing import Any

import pytest

from models.tables import AuditEvent, BulkOperation
from rules.lifecycle.statuses import Status
from tests.features.audit.test_audit_filters import found
from tests.features.invitations.inviting import invite_new
from tests.features.listing.counting_statements import statements
from tests.features.selections.selecting import errors
from tests.support.databases.stored import places_of
from tests.support.world import Ask, Person, World

BOB = {"email": "bob@acme.test", "firstName": "Bob"}
BY_TICKET = "query ($filter: AuditFilter) { auditLog(filter: $filter) { nodes { event ticket operation { ticket } } } }"


async def events_of(ask: Ask, viewer: Person, ticket: str) -> list[Any]:
    nodes = (await ask(BY_TICKET, actor=viewer, filter={"ticket": ticket})).data["auditLog"]["nodes"]
    return [(event["event"], event["ticket"], event["operation"]["ticket"]) for event in nodes]


async def test_a_ticket_is_kept_in_the_operation_and_in_each_event_and_found(world: World, ask: Ask) -> None:
    portal = await world.portal()
    nora, bob, eve = await world.mssp_admin(), await world.user(portal), await world.user(portal)
    await ask.act("lockUsers", nora, bob, eve, ticket=" INC-4711 ", reason="left the company")
    await ask.act("unlockUsers", nora, bob, ticket="INC-47110")
    await ask.act("lockUsers", nora, bob)

    events = await events_of(ask, nora, "INC-4711 ")

    assert events == [("USER_LOCKED", "INC-4711", "INC-4711")] * 2
    assert await events_of(ask, nora, "INC-47110") == [("USER_UNLOCKED", "INC-47110", "INC-47110")]
    assert await events_of(ask, nora, "inc-4711") == []


async def test_an_invitation_keeps_its_ticket_with_every_event(world: World, ask: Ask) -> None:
    portal, nora = await world.portal(), await world.mssp_admin()

    payload = await invite_new(ask, nora, portal, BOB, options={"ticket": "INC-1"})

    assert payload["errors"] == []
    assert {event for event, *_ in await events_of(ask, nora, "INC-1")} == {"USER_ADDED", "USER_INVITED"}


@pytest.mark.parametrize("ticket", [None, "", "  ", "\u200b"])
async def test_a_ticket_that_shows_nothing_is_none(world: World, ask: Ask, ticket: str | None) -> None:
    nora, bob = await world.mssp_admin(), await world.user()

    payload = await ask.act("lockUsers", nora, bob, ticket=ticket)

    assert (payload["errors"], payload["operation"]["ticket"]) == ([], None)
    assert await found(ask, nora, ticket=ticket) == ["USER_LOCKED"]


@pytest.mark.parametrize(("ticket", "is_kept"), [("é" * 100, True), ("é" * 101, False), ("INC\n1", False)])
async def test_a_ticket_is_one_line_of_at_most_a_hundred_characters(
    world: World, ask: Ask, ticket: str, is_kept: bool
) -> None:
    nora, bob = await world.mssp_admin(), await world.user()

    payload = await ask.act("lockUsers", nora, bob, ticket=ticket)

    assert errors(payload) == ([] if is_kept else [("INVALID_INPUT", ["input", "options", "ticket"])])
    assert await world.status(bob) is (Status.SUSPENDED if is_kept else Status.ACTIVE)


async def test_all_faults_of_reason_and_ticket_come_at_once(world: World, ask: Ask) -> None:
    nora, bob = await world.mssp_admin(), await world.user()

    payload = await ask.act("lockUsers", nora, bob, reason="x" * 501, ticket="x" * 101)

    assert [path and path[-1] for _, path in errors(payload)] == ["reason", "ticket"]


async def test_a_ticket_that_no_event_can_have_is_refused_by_the_filter(world: World, ask: Ask) -> None:
    nora = await world.mssp_admin()

    reply = await ask(BY_TICKET, actor=nora, filter={"ticket": "x" * 101})

    assert reply.codes == ["BAD_USER_INPUT"]


async def test_tickets_are_found_in_the_portals_of_the_viewer_only(world: World, ask: Ask) -> None:  # L3
    mine, other, foreign = (
        await world.portal("mine"),
        await world.portal("other"),
        await world.portal("foreign", mssp=await world.mssp()),
    )
    nora, tom, ann = await world.mssp_admin(), await world.technician(other), await world.portal_admin(mine)
    for portal in (mine, other, foreign):
        await ask.act("lockUsers", await world.portal_admin(portal), await world.user(portal), ticket="INC-1")

    seen = {viewer.login: len(await found(ask, viewer, ticket="INC-1")) for viewer in (nora, tom, ann)}

    assert seen == {nora.login: 2, tom.login: 1, ann.login: 1}


async def test_a_deletion_erases_the_tickets_of_what_was_done_to_the_user_alone(world: World, ask: Ask) -> None:  # K32
    nora, bob, eve = await world.mssp_admin(), await world.user(), await world.user()
    await ask.act("lockUsers", nora, bob, ticket="canary-one")
    await ask.act("revokeSessions", nora, bob, eve, ticket="canary-two")

    await ask.act("deleteUsers", nora, bob, ticket="INC-9")

    assert await places_of("canary-one") == []
    assert {(e.user_id, e.ticket) for e in await AuditEvent.all()} == {
        (bob.id, None),
        (bob.id, "INC-9"),
        (eve.id, "canary-two"),
    }
    assert {operation.ticket for operation in await BulkOperation.all()} == {None, "canary-two", "INC-9"}


async def test_a_ticket_s_log_takes_as_many_statements_for_one_event_as_for_many(world: World, ask: Ask) -> None:
    portals = [await world.portal() for _ in range(3)]
    people = [person for portal in portals for person in await world.users(10, portal)]
    nora, tim = await world.mssp_admin(), await world.technician(*portals)
    await ask.act("lockUsers", nora, people[0], ticket="INC-1")
    await ask.act("lockUsers", nora, *people[1:], ticket="INC-29")

    document = """query ($ticket: String) {
        auditLog(filter: {ticket: $ticket}) { totalCount nodes { actorName portal { slug } user { name } operation { id } } } }"""

    for viewer in (nora, tim):
        await ask(document, actor=viewer, ticket="INC-1")
        with statements() as for_one:
            one = await ask(document, actor=viewer, ticket="INC-1")
        with statements() as for_many:
            many = await ask(document, actor=viewer, ticket="INC-29")

        assert [reply.data["auditLog"]["totalCount"] for reply in (one, many)] == [1, 29]
        assert len(for_one) == len(for_many)
