"""A run by previewId uses the options of its preview, and can require the outcomes of the preview."""

from __future__ import annotations

from typing import Any

from models.tables import AuditEvent, BulkOperation
from rules.lifecycle.statuses import Status
from tests.features.selections.selecting import act, codes, errors, preview, previewed, these
from tests.support.databases.stored import everything
from tests.support.world import Ask, World
from tests.support.world.answers import reasons

OPTIONS = ["input", "options"]
WHY = {"reason": "as asked by phone", "ticket": "INC-7"}
POLICY = "query ($id: ID!) { node(id: $id) { ... on BulkOperation { errorPolicy reason ticket selectionSummary } } }"


async def node(ask: Ask, viewer: Any, payload: Any) -> Any:
    return (await ask(POLICY, actor=viewer, id=payload["operation"]["id"])).data["node"]


async def test_the_run_of_a_preview_has_its_error_policy_reason_and_ticket(world: World, ask: Ask) -> None:
    ann, bob, staged = await world.portal_admin(), await world.user(), await world.user(status=Status.STAGED)
    dry = await preview(ask, "lockUsers", ann, these(bob, staged), errorPolicy="ALL_OR_NOTHING", **WHY)

    payload = await act(ask, "lockUsers", ann, previewed(dry))

    assert reasons(payload) == reasons(dry) == ["ABORTED_BY_POLICY", "NOT_CONFIRMED"]
    assert await world.status(bob) is Status.ACTIVE
    expected = {"errorPolicy": "ALL_OR_NOTHING", "selectionSummary": "2 by id", **WHY}
    assert [await node(ask, ann, each) for each in (dry, payload)] == [expected, expected]


async def test_a_reason_and_ticket_of_the_run_itself_are_kept_in_place_of_the_preview_s(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await world.user()
    dry = await preview(ask, "lockUsers", ann, these(bob), reason="looking", ticket="INC-1")

    payload = await act(ask, "lockUsers", ann, previewed(dry), reason="acting", ticket="INC-2")

    run = await node(ask, ann, payload)
    assert (run["reason"], run["ticket"]) == ("acting", "INC-2")
    assert [(event.reason, event.ticket) for event in await AuditEvent.all()] == [("acting", "INC-2")]


async def test_another_error_policy_than_the_preview_s_is_refused(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await world.user()
    dry = await preview(ask, "lockUsers", ann, these(bob))

    other = await act(ask, "lockUsers", ann, previewed(dry), errorPolicy="ALL_OR_NOTHING")
    same = await act(ask, "lockUsers", ann, previewed(dry), errorPolicy="PARTIAL")

    assert errors(other) == [("INVALID_INPUT", [*OPTIONS, "errorPolicy"])]
    assert (codes(same), reasons(same)) == ([], [None])


async def test_only_if_unchanged_runs_what_was_previewed(world: World, ask: Ask) -> None:
    ann, bob, staged = await world.portal_admin(), await world.user(), await world.user(status=Status.STAGED)
    dry = await preview(ask, "lockUsers", ann, these(bob, staged, bob))

    payload = await act(ask, "lockUsers", ann, previewed(dry), onlyIfUnchanged=True)

    assert (codes(payload), reasons(payload)) == ([], [None, "NOT_CONFIRMED", "DUPLICATE_IN_REQUEST"])


async def test_only_if_unchanged_changes_no_user_when_an_outcome_differs(world: World, ask: Ask) -> None:
    ann, bob, eve = await world.portal_admin(), await world.user(), await world.user()
    dry = await preview(ask, "lockUsers", ann, these(bob, eve))
    await ask.act("lockUsers", ann, eve)
    before = await everything()

    refused = await act(ask, "lockUsers", ann, previewed(dry), onlyIfUnchanged=True)
    looked = await preview(ask, "lockUsers", ann, previewed(dry), onlyIfUnchanged=True)

    changed = ("SELECTION_CHANGED", ["input", "users", "previewId"])
    assert (errors(refused), errors(looked)) == ([changed], [changed])
    assert "1 of 2" in refused["errors"][0]["message"]
    assert await everything() == before
    assert reasons(await act(ask, "lockUsers", ann, previewed(dry))) == [None, "ALREADY_IN_STATE"]


async def test_only_if_unchanged_needs_a_preview(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await world.user()

    payload = await act(ask, "lockUsers", ann, these(bob), onlyIfUnchanged=True)

    assert errors(payload) == [("INVALID_INPUT", [*OPTIONS, "onlyIfUnchanged"])]
    assert not await BulkOperation.exists()
