"""The logins of new users: unique in a portal, and made up if the client gives none."""

from __future__ import annotations

import pytest

from models.tables import BulkOutcome, PortalUser
from rules.text.folding import login_key
from services.admin import doctor
from tests.features.invitations.inviting import (
    ada,
    how_many_users,
    invite_new,
)
from tests.support.world import Ask, World
from tests.support.world.answers import reason, reasons, standing


@pytest.mark.parametrize(
    ("invitee", "username"),
    [
        (ada(), "ada@new.test"),
        (ada(username=" Countess "), "Countess"),
        ({"firstName": "Élodie", "lastName": "de la Cruz"}, "elodie.de.la.cruz"),
        ({"firstName": "…"}, "user"),
    ],
)
async def test_a_username_is_made_where_none_is_given(
    world: World, ask: Ask, invitee: dict[str, str], username: str
) -> None:  # T4
    portal = await world.portal(required_user_fields=[])
    ann = await world.portal_admin()

    payload = await invite_new(ask, ann, portal, invitee, delivery="LINK")

    assert payload["outcomes"][0]["user"]["username"] == username


async def test_two_invitees_of_the_same_name_without_address_and_username_are_two_people(
    world: World, ask: Ask
) -> None:  # T4
    portal = await world.portal(required_user_fields=[])
    ann = await world.portal_admin()
    name = {"firstName": "Ada", "lastName": "Lovelace"}

    payload = await invite_new(ask, ann, portal, *[name] * 3, delivery="LINK")
    again = await invite_new(ask, ann, portal, name, delivery="LINK")

    assert reasons(payload) + reasons(again) == [None] * 4
    assert len({outcome["user"]["username"] for outcome in payload["outcomes"] + again["outcomes"]}) == 4
    assert await how_many_users() == 5
    assert await doctor.find_wrong_values(world.parts.runtime) == []


async def test_a_generated_username_is_unique(world: World, ask: Ask) -> None:  # T4
    portal = await world.portal(required_user_fields=[])
    ann, _ = await world.portal_admin(), await world.user(username="ada")

    payload = await invite_new(
        ask, ann, portal, {"firstName": "Ada"}, {"firstName": "Áda", "lastName": ""}, delivery="LINK"
    )

    assert reasons(payload) == [None, None]
    assert all(outcome["user"]["username"].startswith("ada.") for outcome in payload["outcomes"])


async def test_a_login_is_given_once_in_a_portal(world: World, ask: Ask) -> None:  # T4
    portal = await world.portal()
    ann = await world.portal_admin()
    await world.user(username="taken", email="one@acme.test")
    waiting = await world.user(email="two@acme.test")
    address = "waits@acme.test"
    await PortalUser.filter(id=waiting.id).update(pending_email=address, pending_email_key=login_key(address))
    await world.user(username="name@acme.test", email="three@acme.test")

    payload = await invite_new(
        ask,
        ann,
        portal,
        ada(username="TAKEN"),
        ada(email="Waits@acme.test"),
        ada(email="name@acme.test"),
        ada(email="new@acme.test", username="one@acme.test"),
        ada(email="first@acme.test", username="wanted"),
        ada(email="second@acme.test", username="Wanted"),
        ada(email="third@acme.test"),
        ada(email="fourth@acme.test", username="third@acme.test"),
        ada(email="THIRD@acme.test", firstName="Another"),
    )

    assert reasons(payload) == [
        "USERNAME_TAKEN",
        "EMAIL_TAKEN",
        "EMAIL_TAKEN",
        "USERNAME_TAKEN",
        None,
        "USERNAME_TAKEN",
        None,
        "USERNAME_TAKEN",
        "DUPLICATE_IN_REQUEST",
    ]
    assert standing(payload)[-1] == ("PROVISIONED", "PROVISIONED")
    assert await doctor.find_wrong_values(world.parts.runtime) == []


async def test_another_portals_logins_are_free_here(world: World, ask: Ask) -> None:
    portal, other = await world.portal(), await world.portal()
    ann, _ = await world.portal_admin(portal), await world.user(other, email="ada@new.test", username="ada@new.test")

    assert reason(await invite_new(ask, ann, portal, ada())) is None


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"lastName": "x" * 101}, "INVALID_INPUT", "lastName"),
        ({"firstName": "Anna\tMaria"}, "INVALID_INPUT", "firstName"),
        ({"firstName": "Anna\x1b"}, "INVALID_INPUT", "firstName"),
        ({"lastName": "a\u202eb"}, "INVALID_INPUT", "lastName"),
        ({"username": "an\u034fn"}, "INVALID_INPUT", "username"),
        ({"username": "an\u2800n"}, "INVALID_INPUT", "username"),
        ({"email": "an\ufe0fn@new.test"}, "INVALID_EMAIL", "e-mail"),
        ({"email": "\ufeffann@new.test"}, "INVALID_EMAIL", "e-mail"),
    ],
)
async def test_what_cannot_be_stored_of_one_invitee_refuses_that_one_only(
    world: World, ask: Ask, given: dict[str, str], code: str, field: str
) -> None:
    portal = await world.portal()
    ann = await world.portal_admin()

    payload = await invite_new(
        ask, ann, portal, ada(), ada(**{"email": "b@new.test", **given}), ada(email="c@new.test")
    )

    assert (payload["errors"], reasons(payload)) == ([], [None, code, None])
    assert payload["outcomes"][1]["status"] == "SKIPPED"
    assert field in payload["outcomes"][1]["reason"]["message"]
    assert await how_many_users() == 3
    assert await BulkOutcome.get(position=1).values_list("reason", "field") == (
        code,
        field if code == "INVALID_INPUT" else "email",
    )


@pytest.mark.parametrize(
    ("there", "wanted"),
    [
        ("administrator", "\u0430dministr\u0430tor"),
        ("\u0430dministr\u0430tor", "administrator"),
        ("cop", "\u0441\u043e\u0440"),
    ],
)
async def test_a_username_that_looks_like_another_is_taken(world: World, ask: Ask, there: str, wanted: str) -> None:
    portal = await world.portal()
    ann, _ = await world.portal_admin(), await world.user(username=there)

    payload = await invite_new(
        ask,
        ann,
        portal,
        ada(username=wanted),
        ada(email="b@new.test", username="s\u00f8ren"),
        ada(email="c@new.test", username="soren"),
    )

    assert reasons(payload) == ["USERNAME_TAKEN", None, None]


async def test_of_two_look_alikes_in_one_call_the_first_is_added(world: World, ask: Ask) -> None:
    portal, ann = await world.portal(), await world.portal_admin()

    payload = await invite_new(ask, ann, portal, ada(username="\uff41da"), ada(email="b@new.test", username="ada"))

    assert reasons(payload) == [None, "USERNAME_TAKEN"]


async def test_an_address_may_look_like_another_and_a_made_up_username_gives_way(world: World, ask: Ask) -> None:
    portal, ann = await world.portal(required_user_fields=["FIRST_NAME"]), await world.portal_admin()
    await world.user(username="ann@new.test", email="ann@new.test")
    await world.user(username="cop")

    payload = await invite_new(
        ask, ann, portal, ada(email="\u0430nn@new.test"), {"firstName": "\u0421\u043e\u0440"}, delivery="NONE"
    )

    assert reasons(payload) == [None, None]


async def test_four_addresses_that_differ_by_more_than_capitals_are_four_people(world: World, ask: Ask) -> None:
    portal, ann = await world.portal(), await world.portal_admin()
    addresses = ["eva@fa\u00df.test", "eva@fass.test", "gro\u00df@new.test", "gross@new.test", "EVA@XN--FA-HIA.test"]

    payload = await invite_new(ask, ann, portal, *[ada(email=address) for address in addresses])

    assert reasons(payload) == [None, None, None, None, "DUPLICATE_IN_REQUEST"]
