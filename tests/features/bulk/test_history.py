"""The list of operations: their portals, their actors, and how their users were selected."""

from __future__ import annotations

from typing import Any

import pytest

from models.tables import BulkOperation, TechnicianAssignment
from rules.lifecycle.statuses import Status
from tests.features.invitations.inviting import ada, invite_new
from tests.features.selections.selecting import act, matching, preview, previewed, these
from tests.support.world import Ask, Person, World

HISTORY = """
query ($stateIn: [BulkOperationState!]) {
  bulkOperations(stateIn: $stateIn) {
    totalCount nodes { state errorPolicy selectionSummary startedByName portals { slug } }
  }
}
"""


async def history(ask: Ask, viewer: Person, **arguments: Any) -> list[Any]:
    found = (await ask(HISTORY, actor=viewer, **arguments)).data["bulkOperations"]
    assert found["totalCount"] == len(found["nodes"])
    nodes: list[Any] = found["nodes"]
    return nodes


async def test_previews_are_listed_only_where_they_are_asked_for(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await world.user()
    await preview(ask, "lockUsers", ann, these(bob))
    await act(ask, "lockUsers", ann, these(bob))

    assert [node["state"] for node in await history(ask, ann)] == ["SUCCEEDED"]
    assert [node["state"] for node in await history(ask, ann, stateIn=["PREVIEW"])] == ["PREVIEW"]
    both = await history(ask, ann, stateIn=["PREVIEW", "SUCCEEDED"])
    assert [node["state"] for node in both] == ["SUCCEEDED", "PREVIEW"]


@pytest.mark.parametrize(
    ("selection", "words"),
    [
        (matching(2), "all 2"),
        (matching(2, portalSlug="ACME", search=" meier "), "all 2 of acme that match 'meier'"),
        (matching(2, category="ENABLED"), "all 2 in category ENABLED"),
        (
            matching(2, filter={"statusIn": ["ACTIVE"], "mfaEnrolled": False}, excludeIds=["x"]),
            "all 2 filtered by statusIn, mfaEnrolled",
        ),
    ],
)
async def test_the_selection_is_shown_in_words_and_numbers(
    world: World, ask: Ask, selection: dict[str, Any], words: str
) -> None:
    nora, portal = await world.mssp_admin(), await world.portal("acme")
    await world.users(2, portal, last_name="Meier")

    await act(ask, "lockUsers", nora, selection)

    (node,) = await history(ask, nora)
    assert (node["selectionSummary"], node["errorPolicy"]) == (words, "PARTIAL")


async def test_ids_and_invitees_and_runs_of_previews_are_shown_in_words_too(world: World, ask: Ask) -> None:
    portal = await world.portal()
    ann, people = await world.portal_admin(portal), await world.users(2, portal)
    dry = await preview(ask, "lockUsers", ann, matching(excludeIds=[ann.gid]))
    await act(ask, "lockUsers", ann, previewed(dry), onlyIfUnchanged=True)
    await act(ask, "unlockUsers", ann, these(*people))
    await invite_new(ask, ann, portal, ada(), ada(email="eve@new.test"), delivery="NONE")

    words = [node["selectionSummary"] for node in await history(ask, ann)]

    assert words == [f"2 invitees of {portal.slug}", "2 by id", "all 2 without 1 excluded"]


async def test_each_viewer_reads_the_portals_and_numbers_within_reach(world: World, ask: Ask) -> None:  # L3, T2
    one, two = await world.portal("one"), await world.portal("two")
    nora, tim, ann = await world.mssp_admin(), await world.technician(one, two), await world.portal_admin(one)
    bob, eve = await world.user(one), await world.user(two)

    await act(ask, "lockUsers", tim, these(eve, bob))
    await TechnicianAssignment.filter(staff_id=tim.id, portal_id=two.id).delete()

    seen = {viewer: (await history(ask, viewer))[0] for viewer in (nora, tim, ann)}
    assert [[portal["slug"] for portal in node["portals"]] for node in seen.values()] == [
        ["one", "two"],
        ["one"],
        ["one"],
    ]
    assert [node["selectionSummary"] for node in seen.values()] == ["2 by id", "2 by id", "1 by id"]
    assert {node["startedByName"] for node in seen.values()} == {f"Staff {tim.login}"}


@pytest.mark.parametrize("of_portal", [True, False])
async def test_who_loses_all_portals_of_a_run_reads_neither_search_nor_portal(
    world: World, ask: Ask, *, of_portal: bool
) -> None:  # L3, T2
    portal = await world.portal("acme")
    nora, tim, ann = await world.mssp_admin(), await world.technician(portal), await world.portal_admin(portal)
    await world.user(portal, last_name="Meier")
    await act(ask, "lockUsers", tim, matching(1, search="meier", **({"portalSlug": "acme"} if of_portal else {})))

    before = (await history(ask, tim))[0]["selectionSummary"]
    await TechnicianAssignment.filter(staff_id=tim.id).delete()

    words = "all 1 of acme that match 'meier'" if of_portal else "all 1 that match 'meier'"
    seen = [(await history(ask, viewer))[0]["selectionSummary"] for viewer in (tim, nora, ann)]
    assert (before, *seen) == (words, "all 1 that match a search", words, words)


async def test_a_run_in_which_every_user_was_skipped_is_unchanged(world: World, ask: Ask) -> None:
    ann, staged = await world.portal_admin(), await world.user(status=Status.STAGED)

    await act(ask, "lockUsers", ann, these(staged))

    assert [node["state"] for node in await history(ask, ann)] == ["UNCHANGED"]


async def test_the_search_of_an_operation_is_deleted_with_a_selected_user(world: World, ask: Ask) -> None:  # K32
    ann, bob = await world.portal_admin(), await world.user(last_name="Meier", status=Status.STAGED)
    other = await world.user(last_name="Huber")
    await act(ask, "lockUsers", ann, matching(1, search="meier"))
    await act(ask, "lockUsers", ann, matching(1, search="huber"))

    await ask.act("deleteUsers", ann, bob)

    words = [node["selectionSummary"] for node in await history(ask, ann)]
    assert words == ["1 by id", "all 1 that match 'huber'", "all 1 that match a search"]
    assert await world.status(other) is Status.SUSPENDED


async def test_a_deletion_does_not_keep_the_search_that_found_its_users(world: World, ask: Ask) -> None:  # K32
    ann, _bob = await world.portal_admin(), await world.user(last_name="Meier")
    staged = await world.user(last_name="Meier", status=Status.STAGED)
    dry = await preview(ask, "deleteUsers", ann, matching(search="meier", excludeIds=[staged.gid]))

    await act(ask, "deleteUsers", ann, previewed(dry))
    await act(ask, "deleteUsers", ann, matching(1, search="meier"))

    words = [node["selectionSummary"] for node in await history(ask, ann)]
    assert words == ["all 1 that match a search", "all 1 that match a search without 1 excluded"]
    assert not await BulkOperation.exclude(selection_search=None).exists()


async def test_a_deleted_starter_has_no_name(world: World, ask: Ask) -> None:  # K32
    ann = await world.portal_admin(first_name="Ann", last_name="Lee")
    bea, bob = await world.portal_admin(), await world.user()
    await ask.act("lockUsers", bea, bob)
    await ask.act("deleteUsers", ann, bea)

    assert [node["startedByName"] for node in await history(ask, ann)] == ["Ann Lee", "Deleted account"]
