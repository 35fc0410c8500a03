"""Adding and inviting users who are new to the portal: fields, mail, retries."""

from __future__ import annotations

import pytest

from rules.lifecycle.licenses import SeatMode, UserKind
from rules.lifecycle.statuses import Status
from services.admin import doctor
from tests.features.invitations.inviting import (
    ada,
    how_many_users,
    invitation_of,
    invite_new,
    new_person,
)
from tests.support.mail.mailed import Queued, mail_to, nothing_is_queued
from tests.support.world import Ask, World
from tests.support.world.answers import counts, reason, standing


async def test_a_new_user_is_added_and_invited_by_mail(world: World, ask: Ask) -> None:  # K8, L6, E5, W3, W7
    portal = await world.portal()
    ann = await world.portal_admin()

    payload = await invite_new(ask, ann, portal, ada(lastName="Lovelace"))

    (outcome,) = payload["outcomes"]
    assert (outcome["label"], outcome["previousStatus"], outcome["newStatus"]) == ("Ada Lovelace", None, "PROVISIONED")
    assert outcome["userId"] == outcome["user"]["id"]
    assert (outcome["user"]["role"], outcome["user"]["kind"]) == ("PORTAL_USER", "EXTERNAL")
    assert outcome["user"]["invitation"]["state"] == "PENDING"
    assert await mail_to(new_person(payload)) == [Queued("INVITATION", "ada@new.test", "QUEUED")]
    assert counts(payload["licenseTiles"][0])["OPEN_INVITES"] == 1
    assert await doctor.find_wrong_values(world.parts.runtime) == []


async def test_what_the_list_shows_of_a_new_user_is_there_at_once(world: World, ask: Ask) -> None:
    portal, nora = await world.portal(), await world.mssp_admin()
    await invite_new(ask, nora, portal, ada(email="Ada@New.test", firstName=" Åda ", username="Countess"))
    document = """
    { users(search: "ada", category: UNCONFIRMED, orderBy: [{field: EMAIL}]) { nodes {
      name username email emailVerifiedAt status addedAt modifiedAt version holdsSeat signInBlockers { code } lastSignInAt
    } } }
    """

    (node,) = (await ask(document, actor=nora)).data["users"]["nodes"]

    assert node["email"] == "Ada@new.test"
    assert {name: node[name] for name in ("name", "username", "status", "emailVerifiedAt", "lastSignInAt")} == {
        **{"name": "Åda", "username": "Countess", "status": "PROVISIONED"},
        **{"emailVerifiedAt": None, "lastSignInAt": None},
    }
    assert node["addedAt"] == node["modifiedAt"] == "2026-03-01T09:00:00.000Z"
    assert (node["holdsSeat"], node["signInBlockers"]) == (False, [{"code": "NOT_ONBOARDED"}])


async def test_the_adder_may_skip_the_mail(world: World, ask: Ask) -> None:  # K7, E3
    portal = await world.portal()
    ann = await world.portal_admin()

    payload = await invite_new(ask, ann, portal, ada(), delivery="NONE")

    assert standing(payload) == [(None, "STAGED")]
    assert await nothing_is_queued()
    assert await invitation_of(ask, ann, new_person(payload)) is None
    assert await doctor.find_wrong_values(world.parts.runtime) == []


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (Status.STAGED, "ALREADY_IN_STATE"),
        (Status.PROVISIONED, "ALREADY_INVITED"),
        (Status.ACTIVE, "ALREADY_MEMBER"),
        (Status.SUSPENDED, "INACTIVE"),
    ],
)
async def test_a_user_who_exists_is_not_added_again(world: World, ask: Ask, status: Status, code: str) -> None:  # E3
    portal = await world.portal(seat_mode=SeatMode.ON_INVITE, seats=0)
    ann, _ = await world.portal_admin(), await world.user(status=status, kind=UserKind.INTERNAL, email="ada@new.test")

    payload = await invite_new(ask, ann, portal, ada(email="ADA@new.test"), delivery="NONE")

    assert (reason(payload), standing(payload), await how_many_users()) == (code, [(status, status)], 2)


@pytest.mark.parametrize(
    ("status", "code", "after"),
    [
        (Status.STAGED, None, Status.PROVISIONED),
        (Status.PROVISIONED, None, Status.PROVISIONED),
        (Status.ACTIVE, "ALREADY_MEMBER", Status.ACTIVE),
        (Status.DEACTIVATED, "INACTIVE", Status.DEACTIVATED),
    ],
)
async def test_an_address_that_a_user_has_means_that_user(
    world: World, ask: Ask, status: Status, code: str | None, after: Status
) -> None:  # E5
    portal = await world.portal()
    ann, bob = await world.portal_admin(), await world.user(status=status, email="Ada@new.test", first_name="Bob")

    payload = await invite_new(ask, ann, portal, ada())

    assert (reason(payload), standing(payload)) == (code, [(status, after)])
    assert (payload["outcomes"][0]["userId"], payload["outcomes"][0]["label"]) == (bob.gid, "Ada")
    row = await world.row(bob)
    assert row
    assert (row.first_name, await how_many_users()) == ("Bob", 2)


@pytest.mark.parametrize(
    ("required", "invitee", "code"),
    [
        (["FIRST_NAME", "EMAIL"], {"email": "ada@new.test"}, "REQUIRED_FIELD_MISSING"),
        (["FIRST_NAME", "EMAIL"], {"firstName": "Ada"}, "REQUIRED_FIELD_MISSING"),
        (["FIRST_NAME", "EMAIL"], {"firstName": "\u200b ", "email": "ada@new.test"}, "REQUIRED_FIELD_MISSING"),
        (["FIRST_NAME", "EMAIL"], {"firstName": "Ada", "email": "ada@new.test"}, None),
        (["EMAIL"], {"email": "ada@new.test"}, None),
        (["FIRST_NAME"], {"firstName": "Ada"}, None),
        (["LAST_NAME"], {"firstName": "Ada"}, "REQUIRED_FIELD_MISSING"),
        (["USERNAME"], {"firstName": "Ada"}, "REQUIRED_FIELD_MISSING"),
        (["USERNAME"], {"email": "ada@new.test"}, None),
        (["USERNAME"], {"username": "ada"}, None),
        ([], {}, "REQUIRED_FIELD_MISSING"),
        (["FIRST_NAME"], {"firstName": "Ada", "email": "no address"}, "INVALID_EMAIL"),
        (["EMAIL"], {"email": f"{'a' * 250}@new.test"}, "INVALID_EMAIL"),
    ],
)
async def test_a_new_user_has_what_the_portal_requires(
    world: World, ask: Ask, required: list[str], invitee: dict[str, str], code: str | None
) -> None:  # K6, L5, E4, W3
    portal = await world.portal(required_user_fields=required)
    ann = await world.portal_admin()

    payload = await invite_new(ask, ann, portal, invitee, delivery="LINK")

    assert reason(payload) == code
    assert await how_many_users() == (1 if code else 2)
    if code:
        outcome = payload["outcomes"][0]
        assert (outcome["userId"], outcome["user"], outcome["newStatus"]) == (None, None, None)
        assert "No user with this id" not in outcome["reason"]["message"]
