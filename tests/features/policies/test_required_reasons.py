"""If the portal's policy says so, bulk actions by staff require a reason or a ticket."""

from __future__ import annotations

from typing import Any

import pytest

from models.tables import BulkOperation, Portal
from rules.lifecycle.statuses import Status
from tests.features.invitations.inviting import invite_new
from tests.features.selections.selecting import act, codes, errors, matching, preview, previewed, these
from tests.support.databases.stored import everything
from tests.support.world import Ask, Person, World
from tests.support.world.answers import reasons

BOB = {"email": "bob@acme.test", "firstName": "Bob"}
REFUSED = [("REASON_REQUIRED", ["input", "options"])]


async def strict(world: World, slug: str = "strict") -> Any:
    return await world.portal(slug, reason_required=True)


@pytest.mark.parametrize("role", ["mssp_admin", "technician"])
async def test_staff_who_give_neither_reason_nor_ticket_change_no_user(world: World, ask: Ask, role: str) -> None:
    portal = await strict(world)
    staff = await (world.mssp_admin() if role == "mssp_admin" else world.technician(portal))
    bob = await world.user(portal)
    await ask("{ viewer { id } }", actor=staff)
    before = await everything()

    answers = [
        await ask.act("lockUsers", staff, bob, **options)
        for options in (
            {},
            {"reason": ""},
            {"reason": " \u200b", "ticket": " "},
            {"idempotencyKey": "k"},
            {"dryRun": True},
        )
    ]

    assert [errors(payload) for payload in answers] == [REFUSED] * 5
    assert {p["name"]: p["value"] for p in answers[0]["errors"][0]["params"]} == {
        "problem": "NO_REASON",
        "portals": "strict",
        "count": "1",
    }
    assert await everything() == before


async def test_an_action_is_offered_to_staff_as_if_they_gave_a_reason(world: World, ask: Ask) -> None:
    nora, bob = await world.mssp_admin(), await world.user(await strict(world))
    document = """
    query ($id: ID!) { user(id: $id) { availableActions(only: [LOCK, UNLOCK]) { allowed reason { code } } } }
    """

    offered = (await ask(document, actor=nora, id=bob.gid)).data["user"]["availableActions"]
    runs = [
        await ask.act(name, nora, bob, dryRun=True, reason="asked by phone") for name in ("lockUsers", "unlockUsers")
    ]

    assert [(each["allowed"], each["reason"] and each["reason"]["code"]) for each in offered] == [
        (True, None),
        (False, "NOT_LOCKED"),
    ]
    assert [reasons(run) for run in runs] == [[None], ["NOT_LOCKED"]]


@pytest.mark.parametrize("options", [{"reason": "asked by phone"}, {"ticket": "INC-1"}])
async def test_a_reason_or_a_ticket_is_enough(world: World, ask: Ask, options: dict[str, Any]) -> None:
    nora, bob = await world.mssp_admin(), await world.user(await strict(world))

    payload = await ask.act("lockUsers", nora, bob, **options)

    assert (codes(payload), reasons(payload)) == ([], [None])


async def test_the_portal_s_own_admins_need_no_reason(world: World, ask: Ask) -> None:
    portal = await strict(world)
    ann, bob = await world.portal_admin(portal), await world.user(portal)

    payload = await ask.act("lockUsers", ann, bob)

    assert (codes(payload), reasons(payload)) == ([], [None])


async def test_one_strict_portal_of_a_selection_refuses_the_whole_call_and_is_named(world: World, ask: Ask) -> None:
    easy, strict_one, another = (
        await world.portal("easy"),
        await strict(world, "b-strict"),
        await strict(world, "a-strict"),
    )
    nora, people = await world.mssp_admin(), [await world.user(portal) for portal in (easy, strict_one, another)]

    by_id = await act(ask, "lockUsers", nora, these(*people))
    by_filter = await act(ask, "lockUsers", nora, matching(3))
    easy_only = await act(ask, "lockUsers", nora, these(people[0]))

    assert (errors(by_id), errors(by_filter), reasons(easy_only)) == (REFUSED, REFUSED, [None])
    assert "2 (a-strict, b-strict)" in by_id["errors"][0]["message"]
    assert [await world.status(person) for person in people[1:]] == [Status.ACTIVE] * 2


async def test_a_foreign_strict_portal_refuses_nothing_and_is_not_named(world: World, ask: Ask) -> None:
    nora, bob = await world.mssp_admin(), await world.user(await world.portal("easy"))
    foreign = await world.user(await world.portal("foreign", mssp=await world.mssp(), reason_required=True))

    payload = await ask.act("lockUsers", nora, bob, foreign)

    assert (codes(payload), reasons(payload)) == ([], [None, "NOT_FOUND"])


async def test_an_invitation_by_staff_needs_a_reason_too(world: World, ask: Ask) -> None:
    portal, nora = await strict(world), await world.mssp_admin()

    without = await invite_new(ask, nora, portal, BOB)
    given = await invite_new(ask, nora, portal, BOB, options={"ticket": "INC-1"})

    assert [error["code"] for error in without["errors"]] == ["REASON_REQUIRED"]
    assert reasons(given) == [None]


async def previewed_with(ask: Ask, nora: Person, bob: Person, **why: str) -> Any:
    return await preview(ask, "lockUsers", nora, these(bob), **why)


async def test_the_run_of_a_preview_has_the_reason_or_ticket_of_its_preview(world: World, ask: Ask) -> None:
    nora, bob = await world.mssp_admin(), await world.user(await strict(world))
    dry = await previewed_with(ask, nora, bob, ticket="INC-1")

    payload = await act(ask, "lockUsers", nora, previewed(dry))

    assert (codes(payload), payload["operation"]["ticket"]) == ([], "INC-1")


async def test_a_refused_run_leaves_its_preview_usable(world: World, ask: Ask) -> None:
    portal = await world.portal("strict")
    nora, bob = await world.mssp_admin(), await world.user(portal)
    dry = await previewed_with(ask, nora, bob)
    await Portal.filter(id=portal.id).update(reason_required=True)

    refused = await act(ask, "lockUsers", nora, previewed(dry))
    given = await act(ask, "lockUsers", nora, previewed(dry), reason="asked by phone")

    assert (errors(refused), reasons(given)) == (REFUSED, [None])
    assert await BulkOperation.filter(state="SUCCEEDED").count() == 1
