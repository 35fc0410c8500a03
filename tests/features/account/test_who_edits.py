"""Which actors may edit which users."""

from __future__ import annotations

from typing import Any

import pytest

from models.tables import TechnicianAssignment
from resolvers.core.global_ids import global_id
from rules.lifecycle.statuses import Status
from tests.features.account.editing import INPUT, UPDATE, code, refusal, update
from tests.features.listing.people import listed
from tests.support.mail.mailed import nothing_is_queued
from tests.support.world import Ask, World


async def test_every_user_edits_the_own_names_and_no_other_own_field(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await world.user(email="bob@acme.test")

    for person in (ann, bob):
        names = await update(ask, person, person, firstName="Newt", lastName="Oak")
        username = await update(ask, person, person, username="another", firstName="Unheard")
        email = await update(ask, person, person, email="another@acme.test")
        user = names["user"]
        form = {name: user[name] for name in ("firstName", "lastName", "username", "email")}
        present = await update(ask, person, person, **form)

        assert (code(names), names["user"]["name"]) == (None, "Newt Oak")
        assert refusal(username) == ("NOT_ALLOWED", [INPUT, "username"])
        assert refusal(email) == ("NOT_ALLOWED", [INPUT, "email"])
        assert (code(present), present["user"]) == (None, user)
        assert (await update(ask, person, person))["user"] == names["user"]
    assert await nothing_is_queued()


async def test_a_user_out_of_sight_is_not_found_with_the_same_bytes(world: World, ask: Ask) -> None:  # T2
    portal, sibling = await world.portal("one"), await world.portal("two")
    elsewhere = await world.portal("else", mssp=await world.mssp())
    ann, bob, tim = await world.portal_admin(portal), await world.user(portal), await world.technician(portal)
    unseen = [
        *[(await world.user(place)).gid for place in (sibling, elsewhere)],
        (await world.portal_admin(sibling)).gid,
        (await world.mssp_admin()).gid,
        global_id("PortalUser", world.parts.runtime.new_id()),
        global_id("Portal", portal.id),
        "",
        "no id",
        "☂",
        bob.gid.lower(),
        "x" * 1000,
    ]

    def edit(id: str) -> dict[str, Any]:
        return {"id": id, "firstName": "Seen", "email": "no address", "version": 99}

    replies = [await ask(UPDATE, actor=actor, input=edit(id)) for actor in (ann, bob, tim) for id in unseen]
    replies += [await ask(UPDATE, actor=bob, input=edit(ann.gid))]

    assert {reply.response.content for reply in replies} == {replies[0].response.content}
    assert replies[0].data["updateUser"]["user"] is None
    assert refusal(replies[0].data["updateUser"]) == ("NOT_FOUND", [INPUT, "id"])
    assert not await listed(ask, await world.mssp_admin(), search="Seen")


async def test_staff_edit_the_users_of_their_portals_until_these_are_taken_away(world: World, ask: Ask) -> None:
    portal = await world.portal()
    tim, nora, bob = await world.technician(portal), await world.mssp_admin(), await world.user(portal)

    by_tim, by_nora = await update(ask, tim, bob, firstName="Tim's"), await update(ask, nora, bob, firstName="Nora's")
    await TechnicianAssignment.filter(staff_id=tim.id).delete()
    afterwards = await update(ask, tim, bob, firstName="Tim's again")

    assert [by_tim["user"]["firstName"], by_nora["user"]["firstName"]] == ["Tim's", "Nora's"]
    assert code(afterwards) == "NOT_FOUND"


async def test_a_stranger_edits_no_user(world: World, ask: Ask) -> None:
    bob = await world.user()

    reply = await ask(UPDATE, input={"id": bob.gid, "firstName": "Bo"})

    assert reply.unauthenticated
    assert reply.data == {"updateUser": None}


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("is_active", [True, False])
async def test_names_are_edited_in_every_status_also_where_the_portal_is_inactive(
    world: World, ask: Ask, status: Status, is_active: bool
) -> None:
    portal = await world.portal(is_active=is_active)
    nora, bob = await world.mssp_admin(), await world.user(portal, status=status)

    payload = await update(ask, nora, bob, firstName="Bo", username="bo")

    assert (code(payload), payload["user"]["status"]) == (None, status)


async def test_the_log_tells_what_was_before_and_after(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await world.user(first_name="Bob", last_name=None, username="b")

    await update(ask, ann, bob, firstName="Bo", lastName="Oak")
    await update(ask, ann, bob, lastName=None, email="bo@acme.test")

    document = "{ auditLog { nodes { event actor { id } userId operation { id } changes { field before after } } } }"
    nodes = (await ask(document, actor=ann)).data["auditLog"]["nodes"]
    assert [(e["event"], e["actor"]["id"], e["userId"], e["operation"]) for e in nodes] == [
        ("USER_UPDATED", ann.gid, bob.gid, None)
    ] * 2
    told = [{(c["field"], c["before"], c["after"]) for c in event["changes"]} for event in nodes]
    assert told[1] == {("firstName", "Bob", "Bo"), ("lastName", None, "Oak")}
    assert told[0] == {("lastName", "Oak", None), ("pendingEmail", None, "bo@acme.test")}
