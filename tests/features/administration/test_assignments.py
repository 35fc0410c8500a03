"""The assignment of portals to technicians."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from models.auth import actors
from models.portals import lookup
from models.tables import AccountSession
from models.users import lookup as users
from resolvers.core.global_ids import global_id
from tests.features.administration.assigning import assign, portals_of
from tests.support.world import Ask, World


def gid(portal: object) -> str:
    return global_id("Portal", portal.id)  # type: ignore[attr-defined]  # a portal


async def test_a_technician_gets_portals_and_loses_them_at_the_next_request(world: World, ask: Ask) -> None:
    one, two = await world.portal("one"), await world.portal("two")
    nora, tim = await world.mssp_admin(), await world.technician()

    payload = await assign(ask, nora, tim, portalIds=[gid(two), gid(one), gid(one)])
    assigned = await portals_of(ask, tim)
    withdrawn = await assign(ask, nora, tim, portalIds=[gid(one)])
    left = await portals_of(ask, tim)

    assert payload["errors"] == withdrawn["errors"] == []
    assert [p["slug"] for p in payload["staff"]["portals"]["nodes"]] == assigned == ["one", "two"]
    assert [p["slug"] for p in withdrawn["staff"]["assignment"]["portals"]["nodes"]] == left == ["one"]


async def test_tags_and_all_but_some_include_portals_that_come_later(world: World, ask: Ask) -> None:
    one, two = await world.portal("one"), await world.portal("two")
    nora, tagged, most = await world.mssp_admin(), await world.technician(), await world.technician()
    await world.tag(one, "Gold")
    await assign(ask, nora, tagged, tags=["gold"])
    await assign(ask, nora, most, allExcept=True, tags=["GOLD"], portalIds=[gid(two)])
    before = [await portals_of(ask, tagged), await portals_of(ask, most)]

    await world.portal("three")
    await world.tag(await world.portal("four"), "gold")

    assert before == [["one"], []]
    assert await portals_of(ask, tagged) == ["four", "one"]
    assert await portals_of(ask, most) == ["three"]


async def test_an_assignment_ends_at_its_end(world: World, ask: Ask) -> None:
    await world.portal("one")
    nora, tim = await world.mssp_admin(), await world.technician()
    end = world.clock.now() + timedelta(minutes=5)
    await assign(ask, nora, tim, allExcept=True, endsAt=end.isoformat())

    before = await portals_of(ask, tim)
    world.clock.advance(timedelta(minutes=5))
    afterwards = await ask("{ portals { totalCount } users { totalCount } viewer { name } }", actor=tim)

    assert before == ["one"]
    assert (afterwards.data["portals"]["totalCount"], afterwards.data["users"]["totalCount"]) == (0, 0)
    assert afterwards.data["viewer"]


async def test_foreign_and_unknown_portals_are_not_found_all_at_once_and_nothing_changes(
    world: World, ask: Ask
) -> None:
    one, foreign = await world.portal("one"), await world.portal(mssp=await world.mssp())
    nora, tim = await world.mssp_admin(), await world.technician(one)
    unknown = [gid(foreign), global_id("Portal", world.parts.runtime.new_id()), tim.gid, "no id"]

    payload = await assign(ask, nora, tim, portalIds=[gid(one), *unknown])

    assert {error["code"] for error in payload["errors"]} == {"NOT_FOUND"}
    assert [error["path"][-1] for error in payload["errors"]] == ["1", "2", "3", "4"]
    assert await portals_of(ask, tim) == ["one"]


async def test_only_technicians_are_assigned_and_only_by_admins_of_their_mssp(world: World, ask: Ask) -> None:
    await world.portal()
    nora, eve, tim = await world.mssp_admin(), await world.mssp_admin(await world.mssp()), await world.technician()

    to_admin, by_other = await assign(ask, nora, nora, allExcept=True), await assign(ask, eve, tim, allExcept=True)
    by_self = await assign(ask, tim, tim, allExcept=True)

    assert (to_admin["errors"][0]["code"], to_admin["errors"][0]["path"]) == ("INVALID_INPUT", ["input", "staffId"])
    assert (by_other["errors"][0]["code"], by_other["errors"][0]["path"]) == ("NOT_FOUND", ["input", "staffId"])
    assert by_self["errors"][0]["code"] == "NOT_ALLOWED"
    assert await portals_of(ask, tim) == []


async def test_an_assignment_out_of_bounds_is_refused(world: World, ask: Ask) -> None:
    nora, tim = await world.mssp_admin(), await world.technician()

    many = await assign(ask, nora, tim, portalIds=["x"] * 1001)
    tags = await assign(ask, nora, tim, tags=["x" * 51, "", "fine"])

    assert {"name": "maximum", "value": "1000"} in many["errors"][0]["params"]
    assert [error["path"] for error in tags["errors"]] == [["input", "tags", "0"], ["input", "tags", "1"]]


async def test_an_assignment_is_an_event_of_the_mssp_with_what_it_was_before(world: World, ask: Ask) -> None:
    one, two = await world.portal("one"), await world.portal("two")
    nora, tim = await world.mssp_admin(), await world.technician()
    new = {"portalIds": [gid(one), gid(two)], "tags": ["gold", "south"], "endsAt": "2027-01-01T01:00:00+01:00"}

    await assign(ask, nora, tim, **new)
    await assign(ask, nora, tim, **new)

    log = (await ask("{ auditLog { nodes { event actor { id } changes { field before after } } } }", actor=nora)).data
    (event,) = log["auditLog"]["nodes"]
    assert (event["event"], event["actor"]["id"]) == ("STAFF_ASSIGNED", nora.gid)
    assert event["changes"] == [
        {"field": "staffMember", "before": tim.gid, "after": tim.gid},
        {"field": "portals", "before": None, "after": f"{gid(one)}, {gid(two)}"},
        {"field": "tags", "before": None, "after": "gold, south"},
        {"field": "endsAt", "before": None, "after": "2027-01-01T00:00:00.000Z"},
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"portalIds": ["mine"]}, {"portalIds": ["other"], "allExcept": True}),
        ({"portalIds": ["other"], "allExcept": True}, {"portalIds": ["mine"]}),
        ({"portalIds": ["mine"]}, {"portalIds": ["other"], "endsAt": "2020-01-01T00:00:00Z"}),
    ],
    ids=["to all except", "to a list", "to an end"],
)
async def test_a_request_that_began_before_a_new_assignment_sees_no_portal_of_neither(
    world: World, ask: Ask, before: dict[str, Any], after: dict[str, Any]
) -> None:  # L3
    portals = {slug: await world.portal(slug) for slug in ("mine", "other")}
    nora, tim = await world.mssp_admin(), await world.technician()
    others = await world.users(2, portals["other"])

    def input(given: dict[str, Any]) -> dict[str, Any]:
        return given | {"portalIds": [global_id("Portal", portals[slug].id) for slug in given["portalIds"]]}

    await assign(ask, nora, tim, **input(before))
    await ask("{ viewer { id } }", actor=tim)
    session = await AccountSession.get(staff_id=tim.id)
    actor = await actors.acting(tim.id, session.id, world.clock.now())
    assert actor
    await assign(ask, nora, tim, **input(after))

    seen = await lookup.by_id(actor, [portal.id for portal in portals.values()])
    managed = await users.portals_of(actor, [person.id for person in others])

    assert portals["other"].id not in seen
    assert managed == []
