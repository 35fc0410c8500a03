"""Calls with many users: each user gets an outcome, in order, and a failure affects no other user."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from models.tables import PortalUser
from resolvers.core.global_ids import global_id
from rules.lifecycle.statuses import Status
from tests.api.graphql.hostile import UNSTORABLE, send
from tests.features.invitations.inviting import INVITE, invite_new
from tests.features.listing.people import listed
from tests.features.selections.selecting import act, codes, matching, user_ids
from tests.public_cases.steps import invitee
from tests.support.world import Ask, Person, World
from tests.support.world.answers import gids, reasons


async def test_a_user_named_twice_and_an_unknown_id_are_answered_in_their_place(world: World, ask: Ask) -> None:
    await world.portal()
    ann, bob = await world.portal_admin(), await world.user()

    payload = await ask.act("deleteUsers", ann, bob, bob, "garbage", "UG9ydGFsVXNlcjp4", bob)

    assert reasons(payload) == [None, "DUPLICATE_IN_REQUEST", "NOT_FOUND", "NOT_FOUND", "DUPLICATE_IN_REQUEST"]
    # saleor/saleor#14593, PR 19355


async def test_select_all_acts_on_what_the_filter_shows_beyond_the_page(world: World, ask: Ask) -> None:
    await world.portal()
    ann = await world.portal_admin()
    chosen = await world.users(60, first_name="Selected", status=Status.STAGED)
    await world.user(first_name="Other", status=Status.STAGED)
    where = {"search": "selected", "category": "UNCONFIRMED"}

    changed = await act(ask, "deleteUsers", ann, matching(59, **where))
    run = await act(ask, "deleteUsers", ann, matching(59, **where, excludeIds=[chosen[0].gid]))

    assert codes(changed) == ["SELECTION_CHANGED"]
    assert (codes(run), run["summary"]["succeeded"]) == ([], 59)
    assert await listed(ask, ann, search="selected") == [chosen[0].gid]
    assert len(await listed(ask, ann, search="other")) == 1
    # Piwigo/Piwigo#1214, wagtail/wagtail#13354, 3drepo/3drepo.io#3649


async def test_a_bulk_of_four_hundred_answers_for_each_in_the_order_sent(world: World, ask: Ask) -> None:
    await world.portal()
    ann = await world.portal_admin()
    wanted = gids(await world.users(400))[::-1]

    payload = await ask.act("deleteUsers", ann, ids=wanted)

    assert user_ids(payload) == wanted
    assert payload["summary"]["succeeded"] == 400
    # CyberDrain/CIPP#482, KelvinTegelaar/CIPP#2482


async def test_one_bad_row_of_a_list_does_not_lose_the_good_ones(world: World, ask: Ask) -> None:
    portal, ann = await world.portal(), await world.portal_admin()
    bad = [{"email": "no-at-sign", "firstName": "B"}, {"email": "no-name@acme.test"}]
    bad += [invitee("tab", firstName="Anna\tMaria"), invitee("long", firstName="A" * 101)]

    payload = await invite_new(ask, ann, portal, invitee("one"), *bad, invitee("two"), delivery="NONE")

    assert payload["errors"] == []
    assert [outcome["status"] for outcome in payload["outcomes"]] == ["SUCCEEDED", *["SKIPPED"] * 4, "SUCCEEDED"]
    # Jitu108/ARIS#51, BurningOKR/BurningOKR#133, Stirling-Tools/Stirling-PDF PR 7863


@pytest.mark.parametrize("text", UNSTORABLE.values(), ids=UNSTORABLE)
async def test_a_text_that_no_column_holds_refuses_its_own_row_only(world: World, ask: Ask, text: str) -> None:
    portal, ann = await world.portal(), await world.portal_admin()
    bad = [
        invitee(f"bad{n}", **{field: text}) for n, field in enumerate(("firstName", "lastName", "username", "email"))
    ]
    people = [invitee("one"), *bad, invitee("two")]
    input = {
        "target": {"newUsers": {"portalId": global_id("Portal", portal.id), "invitees": people}},
        "delivery": "NONE",
        "options": {"idempotencyKey": "a list"},
    }

    payload = await sent_as_json(ask, ann, input)
    again = await sent_as_json(ask, ann, input)

    refused = ["INVALID_INPUT", "INVALID_INPUT", "INVALID_INPUT", "INVALID_EMAIL"]
    assert (payload["errors"], reasons(payload)) == ([], [None, *refused, None])
    assert [outcome["status"] for outcome in payload["outcomes"]] == ["SUCCEEDED", *["SKIPPED"] * 4, "SUCCEEDED"]
    assert (again["replayed"], reasons(again)) == (True, reasons(payload))
    assert await PortalUser.all().count() == 3
    # Hackademic/hackademic#125


async def test_a_list_that_is_sent_four_times_at_once_adds_each_person_once(world: World, ask: Ask) -> None:
    portal, nora = await world.portal(), await world.mssp_admin()
    await ask("{ viewer { id } }", actor=nora)
    people = [invitee(f"dbl{n}") for n in range(5)]

    await asyncio.gather(*[invite_new(ask, nora, portal, *people, delivery="NONE") for _ in range(4)])

    assert await PortalUser.all().count() == 5
    # grokability/snipe-it#1614, #2831, OpenSlides/OpenSlides#2253


async def test_a_button_that_is_clicked_four_times_acts_once(world: World, ask: Ask) -> None:
    await world.portal()
    ann, bob = await world.portal_admin(), await world.user()
    await ask("{ viewer { id } }", actor=ann)

    runs = await asyncio.gather(*[ask.act("lockUsers", ann, bob, idempotencyKey="a click") for _ in range(4)])

    assert sorted(run["replayed"] for run in runs) == [False, True, True, True]
    assert [run["summary"]["succeeded"] for run in runs] == [1] * 4
    log = (await ask("{ auditLog { nodes { event } } }", actor=ann)).data["auditLog"]["nodes"]
    assert [entry["event"] for entry in log].count("USER_LOCKED") == 1
    # grokability/snipe-it#1614


async def sent_as_json(ask: Ask, actor: Person, input: dict[str, Any]) -> Any:
    """Call inviteUsers with `input`, and return the payload.

    The request's JSON writes characters outside ASCII as escapes, so that `input` can contain lone surrogates.
    """
    reply = await send(ask, await ask.world.token(actor), INVITE, input=input)
    assert reply.errors == []
    return reply.data["inviteUsers"]
