"""Selections that are refused as a whole, and users that the actor cannot see."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from models.tables import BulkOperation, PortalUser, TechnicianAssignment
from resolvers.core.global_ids import global_id
from rules.lifecycle.statuses import Status
from tests.features.selections.selecting import act, codes, errors, matching, portal_gid, preview, user_ids
from tests.support.databases.stored import everything
from tests.support.world import Ask, World
from tests.support.world.answers import gids, reasons, statuses
from tests.support.world.bulk_documents import BULK

MATCHING = ["input", "users", "matching"]
GONE = global_id("PortalUser", UUID(int=1))


async def test_at_most_ten_thousand_can_be_excluded(world: World, ask: Ask) -> None:
    ann = await world.portal_admin()

    most = await preview(ask, "lockUsers", ann, matching(excludeIds=[GONE] * 10_000))
    more = await preview(ask, "lockUsers", ann, matching(excludeIds=[GONE] * 10_001))

    assert (codes(most), errors(more)) == ([], [("INVALID_INPUT", [*MATCHING, "excludeIds"])])


@pytest.mark.parametrize("difference", [-1, 1, 1000])
async def test_another_number_than_expected_changes_nothing(world: World, ask: Ask, difference: int) -> None:
    ann, _ = await world.portal_admin(), await world.users(4)
    await ask("{ viewer { id } }", actor=ann)
    before = await everything()

    payload = await act(ask, "lockUsers", ann, matching(5 + difference))

    assert errors(payload) == [("SELECTION_CHANGED", [*MATCHING, "expectedCount"])]
    assert "5 users match" in payload["errors"][0]["message"]
    assert await everything() == before


async def test_all_of_a_portal_are_selected_by_its_slug_in_any_case(world: World, ask: Ask) -> None:
    harbour, _ = await world.portal("harbour"), await world.portal("other")
    nora, bob = await world.mssp_admin(), await world.user(harbour)

    found = await act(ask, "lockUsers", nora, matching(1, portalSlug=" Harbour"))
    unknown = await act(ask, "lockUsers", nora, matching(1, portalSlug="nowhere"))
    both = await act(ask, "lockUsers", nora, matching(1, portalSlug="harbour", portalId=portal_gid(harbour)))

    assert (codes(found), user_ids(found)) == ([], [bob.gid])
    assert errors(unknown) == [("NOT_FOUND", [*MATCHING, "portalSlug"])]
    assert errors(both) == [("INVALID_INPUT", [*MATCHING, "portalSlug"])]


async def test_how_many_are_expected_must_be_said_unless_it_is_a_dry_run(world: World, ask: Ask) -> None:
    ann, _ = await world.portal_admin(), await world.users(2)

    real = await act(ask, "lockUsers", ann, matching())
    dry = await preview(ask, "lockUsers", ann, matching())
    dry_and_wrong = await preview(ask, "lockUsers", ann, matching(7))

    assert errors(real) == [("INVALID_INPUT", [*MATCHING, "expectedCount"])]
    assert (codes(dry), dry["summary"]["requested"]) == ([], 3)
    assert codes(dry_and_wrong) == ["SELECTION_CHANGED"]


async def test_a_thousand_match_in_one_call_and_one_more_does_not(world: World, ask: Ask) -> None:
    nora, people = await world.mssp_admin(), await world.users(1001)

    too_many = await act(ask, "lockUsers", nora, matching(1001))
    dry = await preview(ask, "lockUsers", nora, matching())
    most = await act(ask, "lockUsers", nora, matching(1000, excludeIds=[people[500].gid]))

    assert (errors(too_many), codes(dry)) == ([("TOO_MANY_USERS", MATCHING)], ["TOO_MANY_USERS"])
    assert (most["summary"]["requested"], most["summary"]["succeeded"]) == (1000, 1000)
    assert await PortalUser.filter(status=Status.ACTIVE).values_list("id", flat=True) == [people[500].id]


async def test_an_unexpected_number_is_refused_before_too_many_matches(world: World, ask: Ask) -> None:
    nora, _ = await world.mssp_admin(), await world.users(1002)

    payload = await act(ask, "lockUsers", nora, matching(1000))

    assert codes(payload) == ["SELECTION_CHANGED"]
    assert "1002 users match" in payload["errors"][0]["message"]


async def test_an_unknown_and_a_foreign_portal_answer_with_the_same_bytes(world: World, ask: Ask) -> None:
    ann = await world.portal_admin()
    sibling, elsewhere = await world.portal("sibling"), await world.portal("elsewhere", mssp=await world.mssp())
    await world.user(sibling)
    nowhere = global_id("Portal", world.parts.runtime.new_id())
    ids = [portal_gid(sibling), portal_gid(elsewhere), nowhere, ann.gid, " ", "no id", portal_gid(sibling).lower()]

    document = BULK.format(name="lockUsers")
    replies = [await ask(document, actor=ann, input={"users": matching(1, portalId=id)}) for id in ids]

    assert {reply.response.content for reply in replies} == {replies[0].response.content}
    assert errors(replies[0].data["lockUsers"]) == [("NOT_FOUND", [*MATCHING, "portalId"])]
    assert not await BulkOperation.exists()


@pytest.mark.parametrize(
    "conditions",
    [{"search": "no user has this name"}, {"filter": {"statusIn": []}}, {"filter": {"portalIdIn": ["no id"]}}],
)
async def test_no_match_is_an_empty_selection(world: World, ask: Ask, conditions: dict[str, Any]) -> None:
    ann, _ = await world.portal_admin(), await world.users(2)

    real = await act(ask, "lockUsers", ann, matching(0, **conditions))
    dry = await preview(ask, "lockUsers", ann, matching(**conditions))

    assert errors(real)[0][0] == codes(dry)[0] == "INVALID_INPUT"
    assert not await BulkOperation.exists()


async def test_one_who_cannot_be_changed_stops_all_portals_when_all_or_nothing_is_asked(world: World, ask: Ask) -> None:
    one, two = await world.portal("one"), await world.portal("two")
    nora = await world.mssp_admin()
    people = [*await world.users(2, one), *await world.users(2, two)]
    staged = await world.user(two, status=Status.STAGED)

    payload = await act(ask, "lockUsers", nora, matching(5), errorPolicy="ALL_OR_NOTHING")

    assert sorted(map(str, reasons(payload))) == ["ABORTED_BY_POLICY"] * 4 + ["NOT_CONFIRMED"]
    assert await statuses(world, [*people, staged]) == [Status.ACTIVE] * 4 + [Status.STAGED]
    assert payload["operation"]["state"] == "UNCHANGED"
    assert (await ask("{ auditLog { totalCount } }", actor=nora)).data["auditLog"]["totalCount"] == 0


async def test_it_reaches_no_further_than_who_selects(world: World, ask: Ask) -> None:  # L1, L3, T2
    mine, sibling = await world.portal("mine"), await world.portal("sibling")
    elsewhere = await world.portal("elsewhere", mssp=await world.mssp())
    tim, ann, nora = await world.technician(mine), await world.portal_admin(sibling), await world.mssp_admin()
    reached = {tim: await world.users(2, mine), ann: await world.users(3, sibling)}
    outside = await world.users(4, elsewhere)

    of_tim = await preview(ask, "deleteUsers", tim, matching())
    of_ann = await preview(ask, "deleteUsers", ann, matching(excludeIds=[ann.gid]))
    of_nora = await preview(ask, "deleteUsers", nora, matching())

    assert set(user_ids(of_tim)) == set(gids(reached[tim]))
    assert set(user_ids(of_ann)) == set(gids(reached[ann]))
    assert set(user_ids(of_nora)) == {ann.gid, *gids(reached[tim]), *gids(reached[ann])}
    assert not set(gids(outside)) & {*user_ids(of_tim), *user_ids(of_ann), *user_ids(of_nora)}


async def test_foreign_portals_in_the_filter_match_no_user(world: World, ask: Ask) -> None:  # T2
    mine, sibling = await world.portal("mine"), await world.portal("sibling")
    tim, bob, _ = await world.technician(mine), await world.user(mine), await world.users(2, sibling)
    both = {"portalIdIn": [portal_gid(mine), portal_gid(sibling)]}

    payload = await act(ask, "lockUsers", tim, matching(1, filter=both))
    await TechnicianAssignment.filter(staff_id=tim.id).delete()
    afterwards = await act(ask, "unlockUsers", tim, matching(1, filter=both))

    assert user_ids(payload) == [bob.gid]
    assert codes(afterwards) == ["SELECTION_CHANGED"]


async def test_a_portal_user_selects_no_user_with_any_filter(world: World, ask: Ask) -> None:  # T1, T12
    bob, eve = await world.user(), await world.user()
    sibling = await world.portal("sibling")

    answers = [
        await act(ask, "lockUsers", bob, matching(2)),
        await act(ask, "lockUsers", bob, matching(1, portalId=portal_gid(sibling))),
        await preview(ask, "lockUsers", bob, {"previewId": "anything"}),
    ]

    assert [codes(payload) for payload in answers] == [["NOT_ALLOWED"]] * 3
    assert await world.status(eve) is Status.ACTIVE
