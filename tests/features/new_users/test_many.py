"""Adding many users: seats, limits, dry runs, all-or-nothing calls, and an outcome for each user."""

from __future__ import annotations

import asyncio

import pytest

from models.tables import AuditEvent, BulkOutcome, LinkToken, OutboxMail, PortalUser
from rules.access import Role
from rules.lifecycle.licenses import SeatMode
from rules.lifecycle.statuses import Status
from services.admin import doctor
from tests.features.invitations.inviting import (
    ada,
    codes,
    how_many_users,
    invite_new,
    links_of,
    preview,
)
from tests.features.listing.counting_statements import statements
from tests.support.mail.mailed import nothing_is_queued
from tests.support.world import Ask, World
from tests.support.world.answers import reason, reasons, seats, standing


async def test_a_retry_with_the_same_idempotency_key_adds_no_user_twice(world: World, ask: Ask) -> None:
    portal = await world.portal(required_user_fields=[])
    ann = await world.portal_admin()

    for _ in range(2):
        payload = await invite_new(
            ask, ann, portal, {"firstName": "Ada"}, delivery="NONE", options={"idempotencyKey": "a click"}
        )
        assert reasons(payload) == [None]

    assert await how_many_users() == 2


async def test_more_than_a_thousand_do_not_go_in_one_call(world: World, ask: Ask) -> None:  # W3
    portal = await world.portal()
    ann = await world.portal_admin()

    payload = await invite_new(ask, ann, portal, *[ada(email=f"a{n}@new.test") for n in range(1001)])

    assert [(e["code"], e["path"]) for e in payload["errors"]] == [
        ("TOO_MANY_USERS", ["input", "target", "newUsers", "invitees"])
    ]


@pytest.mark.parametrize("delivery", ["EMAIL", "LINK", "NONE"])
async def test_one_and_a_thousand_newcomers_take_the_same_statements(
    world: World, ask: Ask, delivery: str
) -> None:  # W3
    portal = await world.portal(required_user_fields=["FIRST_NAME"])
    ann = await world.portal_admin()
    await invite_new(ask, ann, portal, ada(), delivery=delivery)
    counted = []

    for number in (1, 101, 999):
        with statements() as sent:
            invitees = [ada(email=f"a{number}.{n}@new.test") for n in range(number)]
            payload = await invite_new(ask, ann, portal, *invitees, delivery=delivery)
        assert set(reasons(payload)) == {None}
        counted.append(len(sent))

    one, many, most = counted
    assert many == most
    assert many - one in (0, 1)  # a long list of outcomes is completed in turns, beside the tiles
    assert one <= 31
    assert await doctor.find_wrong_values(world.parts.runtime) == []


async def test_invitations_take_the_seats_in_order_where_the_portal_says_so(world: World, ask: Ask) -> None:  # K12
    portal = await world.portal(seats=2, seat_mode=SeatMode.ON_INVITE)
    ann, _ = await world.portal_admin(), await world.user()

    payload = await invite_new(ask, ann, portal, *[ada(email=f"{name}@new.test") for name in "abc"])

    assert reasons(payload) == [None, "NO_SEAT_AVAILABLE", "NO_SEAT_AVAILABLE"]
    assert seats(payload["licenseTiles"][0]) == (2, 2, 0)
    assert payload["outcomes"][0]["user"]["holdsSeat"] is True
    assert await doctor.find_wrong_values(world.parts.runtime) == []


async def test_without_a_running_package_an_invitation_that_takes_a_seat_is_refused(world: World, ask: Ask) -> None:
    portal = await world.portal(seats=None, seat_mode=SeatMode.ON_INVITE)
    ann = await world.portal_admin()

    assert reason(await invite_new(ask, ann, portal, ada())) == "LICENSE_PACKAGE_INACTIVE"
    assert reason(await invite_new(ask, ann, portal, ada(), delivery="NONE")) is None


async def test_admins_are_added_up_to_the_portals_limit(world: World, ask: Ask) -> None:  # L7
    portal = await world.portal(max_admins=3)
    ann = await world.portal_admin()
    await invite_new(ask, ann, portal, ada(email="a@new.test", role="PORTAL_ADMIN"))

    invitees = [ada(email=f"{name}@new.test", role="PORTAL_ADMIN") for name in ("b", "c")]
    payload = await invite_new(ask, ann, portal, invitees[0], ada(email="e@new.test"), invitees[1])

    assert reasons(payload) == [None, None, "ADMIN_LIMIT_REACHED"]
    assert [outcome["user"] and outcome["user"]["role"] for outcome in payload["outcomes"]] == [
        "PORTAL_ADMIN",
        "PORTAL_USER",
        None,
    ]
    assert reason(await invite_new(ask, ann, portal, ada(email="d@new.test"))) is None
    assert await PortalUser.filter(role=Role.PORTAL_ADMIN).count() == 3


async def test_internal_users_are_added_by_staff_only(world: World, ask: Ask) -> None:
    portal = await world.portal(seats=0, seat_mode=SeatMode.ON_INVITE)
    ann, tim = await world.portal_admin(), await world.technician(portal)

    people = [ada(email="bob@new.test", kind="EXTERNAL"), ada(kind="INTERNAL")]

    to_ann = await invite_new(ask, ann, portal, *people, delivery="NONE")
    to_tim = await invite_new(ask, tim, portal, *people, delivery="NONE")

    path = ["input", "target", "newUsers", "invitees", "1", "kind"]
    assert [(e["code"], e["path"]) for e in to_ann["errors"]] == [("NOT_ALLOWED", path)]
    assert [outcome["user"]["kind"] for outcome in to_tim["outcomes"]] == ["EXTERNAL", "INTERNAL"]


async def test_an_inactive_portal_neither_invites_nor_adds_users(world: World, ask: Ask) -> None:
    portal, nora = await world.portal(is_active=False), await world.mssp_admin()

    for delivery in ("EMAIL", "LINK", "NONE"):
        assert reason(await invite_new(ask, nora, portal, ada(), delivery=delivery)) == "PORTAL_INACTIVE"
    assert await how_many_users() == 0


async def test_a_dry_run_adds_no_user_and_says_what_would_happen(world: World, ask: Ask) -> None:
    portal = await world.portal()
    ann = await world.portal_admin()

    payload = await invite_new(ask, ann, portal, ada(), ada(email="x"), options={"dryRun": True})

    assert (standing(payload)[0], reasons(payload)) == ((None, "PROVISIONED"), [None, "INVALID_EMAIL"])
    assert [outcome["userId"] for outcome in payload["outcomes"]] == [None, None]
    assert payload["operation"]["state"] == "PREVIEW"
    assert (await how_many_users(), await nothing_is_queued()) == (1, True)


async def test_all_or_nothing_adds_no_user_when_one_is_refused(world: World, ask: Ask) -> None:
    portal = await world.portal()
    ann, bob = await world.portal_admin(), await world.user(status=Status.STAGED, email="bob@acme.test")

    payload = await invite_new(
        ask,
        ann,
        portal,
        ada(),
        ada(email="x"),
        ada(email="bob@acme.test"),
        options={"errorPolicy": "ALL_OR_NOTHING"},
    )

    assert reasons(payload) == ["ABORTED_BY_POLICY", "INVALID_EMAIL", "ABORTED_BY_POLICY"]
    assert standing(payload) == [(None, None), (None, None), ("STAGED", "STAGED")]
    assert [outcome["userId"] for outcome in payload["outcomes"]] == [None, None, bob.gid]
    assert await world.status(bob) is Status.STAGED
    assert (await how_many_users(), await nothing_is_queued()) == (2, True)
    assert await doctor.find_wrong_values(world.parts.runtime) == []


async def test_a_replayed_call_adds_no_user_twice_and_shows_no_link_again(world: World, ask: Ask) -> None:  # E6
    portal = await world.portal()
    ann = await world.portal_admin()
    invitees, how = (ada(), ada(email="x")), {"delivery": "LINK", "options": {"idempotencyKey": "k"}}

    first = await invite_new(ask, ann, portal, *invitees, **how)
    again = await invite_new(ask, ann, portal, *invitees, **how)
    other = await invite_new(ask, ann, portal, *invitees, **{**how, "delivery": "EMAIL"})

    assert len(links_of(first)) == 1
    assert (links_of(again), again["replayed"]) == ([], True)
    names = ("index", "userId", "label", "status", "previousStatus", "newStatus", "reason")
    assert [[o[n] for n in names] for o in again["outcomes"]] == [[o[n] for n in names] for o in first["outcomes"]]
    assert codes(other) == ["IDEMPOTENCY_KEY_REUSED"]
    assert await how_many_users() == 2


async def test_two_admins_who_add_the_same_person_at_once_add_one_user(world: World, ask: Ask) -> None:  # E5, T4
    portal = await world.portal()
    admins = [await world.portal_admin() for _ in range(4)]
    for admin in admins:
        await ask("{ viewer { id } }", actor=admin)

    payloads = await asyncio.gather(*(invite_new(ask, ann, portal, ada(), delivery="LINK") for ann in admins))

    assert len({outcome["userId"] for payload in payloads for outcome in payload["outcomes"]}) == 1
    assert len({link for payload in payloads for link in links_of(payload)}) == 1
    assert await PortalUser.filter(email_key="ada@new.test").count() == 1
    assert await doctor.find_wrong_values(world.parts.runtime) == []


async def test_what_is_stored_of_an_invitation_names_no_user_and_opens_nothing(world: World, ask: Ask) -> None:
    portal = await world.portal()
    ann = await world.portal_admin()

    payload = await invite_new(ask, ann, portal, ada(lastName="Lovelace"), ada(email="x"), delivery="LINK")

    (token,) = links_of(payload)
    kept = [
        *await BulkOutcome.all().values(),
        *await AuditEvent.all().values(),
        *await LinkToken.all().values(),
        *await OutboxMail.all().values(),
    ]
    assert not [word for word in ("Ada", "Lovelace", "ada@new.test", token) if word in str(kept)]


async def test_the_log_says_that_a_user_was_added_and_invited(world: World, ask: Ask) -> None:
    portal = await world.portal()
    ann = await world.portal_admin()
    document = "{ auditLog { nodes { event actorName reason user { firstName } changes { field before after } operation { id } } } }"

    payload = await invite_new(ask, ann, portal, ada(), options={"reason": "T-1"})

    invited, added = (await ask(document, actor=ann)).data["auditLog"]["nodes"]
    assert (invited["event"], added["event"]) == ("USER_INVITED", "USER_ADDED")
    assert added["changes"] == [{"field": "status", "before": None, "after": "STAGED"}]
    assert invited["changes"] == [{"field": "status", "before": "STAGED", "after": "PROVISIONED"}]
    for event in (invited, added):
        assert (event["reason"], event["user"]["firstName"]) == ("T-1", "Ada")
        assert event["operation"]["id"] == payload["operation"]["id"]


async def test_a_name_alone_is_enough_if_the_portal_allows_it_and_the_link_registers(
    world: World, ask: Ask
) -> None:  # E4, E6, E8
    portal = await world.portal(required_user_fields=["FIRST_NAME"])
    ann = await world.portal_admin()

    by_mail = await invite_new(ask, ann, portal, {"firstName": "Ada"})
    by_link = await invite_new(ask, ann, portal, {"firstName": "Ada"}, delivery="LINK")

    assert (reason(by_mail), reason(by_link)) == ("NO_EMAIL", None)
    (token,) = links_of(by_link)
    assert (await preview(ask, token))["nextStep"] == "REGISTER"
