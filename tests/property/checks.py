"""Assertions that must hold after every step of a story."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from models.db.sql import Sql, fetch
from resolvers.core.global_ids import global_id
from services.admin import doctor
from services.audit_chain import verification
from tests.property.story import Story
from tests.property.tenants import Account

ACTIONS = {
    "activateUsers": "ACTIVATE",
    "deactivateUsers": "DEACTIVATE",
    "lockUsers": "LOCK",
    "unlockUsers": "UNLOCK",
    "deleteUsers": "DELETE",
    "revokeSessions": "REVOKE_SESSIONS",
    "inviteUsers": "INVITE",
    "changeRoles": "CHANGE_ROLE",
}
FIGURES = "seatsTotal seatsUsed seatsAvailable tiles { kind count category statusIn statusReasonIn }"
TILES = f"{{ licenseTiles {{ {FIGURES} }} portals {{ nodes {{ slug licenseTiles {{ {FIGURES} }} }} }} }}"
_declared = ", ".join(f"$category{i}: UserCategory, $filter{i}: UserFilter" for i in range(5))
_lists = " ".join(f"tile{i}: users(category: $category{i}, filter: $filter{i}) {{ totalCount }}" for i in range(5))
LISTED = f"query ({_declared}) {{ {_lists} portals {{ nodes {{ slug {_lists} }} }} }}"
"""A query for the number of users in the list of each of the five tiles, over all portals and for each portal."""
OFFERED = """
query ($only: [UserAction!]) {
  users(first: 100) { nodes { id availableActions(only: $only) { action allowed reason { code } } } }
}
"""
OPERATION = """
query ($id: ID!) {
  node(id: $id) { ... on BulkOperation {
    total outcomes(first: 100) { nodes { userId status reason { code } previousStatus newStatus } }
  } }
}
"""


async def everything_agrees(story: Story, actor: Account | None) -> None:
    """Assert that rows, tiles, lists and `availableActions` agree with the model, and that `gatehouse doctor` would
    find no fault.
    """
    await _rows_stand_where_the_model_stands(story)
    assert await doctor.find_wrong_values(story.world.parts.runtime) == []
    admin = story.staff["admin a"]
    viewer = actor if actor and actor.role != "PORTAL_USER" and story.model.is_in(actor) else admin
    for each in [admin] if viewer == admin else [admin, viewer]:
        await _tiles_count_what_the_lists_list(story, each)
    await _offers_are_kept(story, viewer)


async def the_record_is_complete(story: Story) -> None:
    """Assert that each bulk operation has one audit event for each user that it changed, and that all chains of audit
    events are intact.
    """
    assert await verification.check_all(story.world.parts.runtime) == verification.ChainReport()
    events: dict[str, list[str]] = {}
    for row in await fetch(
        Sql("SELECT e.operation_id, e.user_id FROM audit_event e WHERE e.operation_id IS NOT NULL ORDER BY e.id")
    ):
        operation = global_id("BulkOperation", UUID(str(row["operation_id"])))
        events.setdefault(operation, []).append(global_id("PortalUser", UUID(str(row["user_id"]))))
    for id, mentions, expected in story.done:
        changed = [user for user, (status, *_) in zip(mentions, expected, strict=True) if status == "SUCCEEDED"]
        assert events.pop(id, []) == changed
    assert events == {}


async def an_operation_tells_again_what_it_told(story: Story) -> None:
    """Assert that the stored outcomes of the last operation, as an admin of its MSSP reads them, equal its payload."""
    id, mentions, expected = story.done[-1]
    for name in ("admin a", "admin b"):
        stored = (await story.asked(story.staff[name], OPERATION, id=id)).data["node"]
        if stored:
            told = [
                (o["status"], o["reason"] and o["reason"]["code"], o["previousStatus"], o["newStatus"])
                for o in stored["outcomes"]["nodes"]
            ]
            assert (stored["total"], told) == (len(mentions), expected)
            return
    raise AssertionError("no MSSP's admin sees the operation")


async def _rows_stand_where_the_model_stands(story: Story) -> None:
    rows = await fetch(
        Sql(
            "SELECT u.id, u.role, u.status, u.status_reason, u.resume_status, u.resume_reason, u.holds_seat,"
            " u.portal_access FROM portal_user u"
        )
    )
    stored = {
        global_id("PortalUser", UUID(str(row["id"]))): (
            (row["status"], row["status_reason"], row["resume_status"], row["resume_reason"]),
            row["role"],
            bool(row["holds_seat"]),
            bool(row["portal_access"]),
        )
        for row in rows
    }
    assert stored == {
        id: (user.standing(), user.role, story.model.holds_seat(user), user.is_open)
        for id, user in story.model.users.items()
    }


async def _tiles_count_what_the_lists_list(story: Story, viewer: Account) -> None:
    shown = (await story.asked(viewer, TILES)).data
    figures = {portal["slug"]: portal["licenseTiles"] for portal in shown["portals"]["nodes"]}
    assert set(figures) == viewer.portals
    summed = shown["licenseTiles"]
    listed = (await story.asked(viewer, LISTED, **_arguments(summed["tiles"]))).data
    lists = {portal["slug"]: portal for portal in listed["portals"]["nodes"]}

    for slugs, tiles, found in [
        (viewer.portals, summed, listed),
        *(({slug}, figures[slug], lists[slug]) for slug in figures),
    ]:
        assert _arguments(tiles["tiles"]) == _arguments(summed["tiles"])
        assert {tile["kind"]: tile["count"] for tile in tiles["tiles"]} == story.model.tiles(slugs)
        assert [found[f"tile{i}"]["totalCount"] for i in range(5)] == [tile["count"] for tile in tiles["tiles"]]
        assert (tiles["seatsTotal"], tiles["seatsUsed"], tiles["seatsAvailable"]) == _seats(story, slugs)


def _arguments(tiles: Any) -> dict[str, Any]:
    """Return the variables of the query LISTED, such as `category0` and `filter0` for the first tile.

    Each tile states the arguments with which `users` lists the users that the tile counts.
    """
    return {
        name: value
        for i, tile in enumerate(tiles)
        for name, value in (
            (f"category{i}", tile["category"]),
            (f"filter{i}", {"statusIn": tile["statusIn"], "statusReasonIn": tile["statusReasonIn"]}),
        )
    }


def _seats(story: Story, slugs: set[str]) -> tuple[int | None, int, int | None]:
    now = story.world.clock.now()
    totals = {slug: story.model.portals[slug].seats(now) for slug in slugs}
    used = {slug: story.model.seats_used(slug) for slug in slugs}
    if None in totals.values():
        return None, sum(used.values()), None
    free = sum(max(0, (totals[slug] or 0) - used[slug]) for slug in slugs)
    return sum(total or 0 for total in totals.values()), sum(used.values()), free


async def _offers_are_kept(story: Story, viewer: Account) -> None:
    """Assert that `availableActions` of each user agrees with `Model.verdict` (docs/requirements.md#guards)."""
    now = story.world.clock.now()
    shown = (await story.asked(viewer, OFFERED, only=list(ACTIONS.values()))).data["users"]["nodes"]
    offers = {
        user["id"]: {offer["action"]: offer["reason"] and offer["reason"]["code"] for offer in user["availableActions"]}
        for user in shown
    }
    assert offers == {
        id: {ACTIONS[mutation]: story.model.verdict(viewer, mutation, id, now) for mutation in ACTIONS}
        for id, user in story.model.users.items()
        if user.portal in viewer.portals
    }
