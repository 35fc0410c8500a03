"""Which e-mail addresses a user can have, and how lists find them."""

from __future__ import annotations

from typing import Any

import pytest

from models.tables import PortalUser
from rules.lifecycle.statuses import Status
from services.admin.doctor import find_wrong_values
from tests.features.account.changing_email import EMAIL, NEW, OLD, UNCONFIRMED
from tests.features.account.editing import code, refusal, update
from tests.features.listing.people import listed
from tests.support.mail.mailed import nothing_is_queued
from tests.support.world import Ask, World


@pytest.mark.parametrize("email", ["eve@acme.test", "EVE@Acme.TEST", "eve.new@acme.test", "eve.signs.in@acme.test"])
@pytest.mark.parametrize("status", [Status.ACTIVE, Status.PROVISIONED])
async def test_an_address_by_which_another_signs_in_or_is_about_to_is_taken(
    world: World, ask: Ask, email: str, status: Status
) -> None:  # T4
    ann, bob = await world.portal_admin(), await world.user(email=OLD, status=status)
    eve = await world.user(email="eve@acme.test", username="Eve.Signs.In@acme.test")
    await update(ask, ann, eve, email="eve.new@acme.test")

    taken = await update(ask, ann, bob, email=email)
    await ask.act("deleteUsers", ann, eve)
    free = await update(ask, ann, bob, email=email)

    assert refusal(taken) == ("EMAIL_TAKEN", EMAIL)
    assert (taken["user"]["email"], taken["user"]["pendingEmail"]) == (OLD, None)
    assert code(free) is None


async def test_an_address_is_free_in_another_portal_and_when_a_change_was_taken_back(world: World, ask: Ask) -> None:
    one, two = await world.portal("one"), await world.portal("two")
    nora, bob, eve = await world.mssp_admin(), await world.user(one, email=OLD), await world.user(one)
    await world.user(two, email=NEW)
    assert code(await update(ask, nora, bob, email=NEW)) is None
    assert code(await update(ask, nora, eve, email=NEW)) == "EMAIL_TAKEN"

    await update(ask, nora, bob, email=OLD)

    assert code(await update(ask, nora, eve, email=NEW)) is None


@pytest.mark.parametrize(
    "email",
    [
        "no address",
        "@acme.test",
        "bob@",
        "a@b@c.test",
        "bob@acme",
        "bob..b@acme.test",
        "bob@[127.0.0.1]",
        "böb@ac me.test",
    ],
)
async def test_what_is_no_address_is_refused(world: World, ask: Ask, email: str) -> None:
    ann, bob = await world.portal_admin(), await world.user(email=OLD)

    payload = await update(ask, ann, bob, email=email)

    assert refusal(payload) == ("INVALID_EMAIL", EMAIL)
    assert await nothing_is_queued()


@pytest.mark.parametrize("status", UNCONFIRMED)
@pytest.mark.parametrize(
    ("before", "given", "then"),
    [
        ("Old@acme.test", {}, NEW),
        ("b.oak", {}, "b.oak"),
        (OLD, {"username": "b.oak"}, "b.oak"),
        (OLD, {"username": OLD}, NEW),
        (OLD, {"username": f" {OLD} "}, NEW),
        ("b.oak", {"username": "b.oak"}, "b.oak"),
    ],
)
async def test_the_username_of_an_unconfirmed_user_follows_the_address_that_it_was(
    world: World, ask: Ask, status: Status, before: str, given: dict[str, Any], then: str
) -> None:
    ann, bob = await world.portal_admin(), await world.user(email=OLD, username=before, status=status)

    payload = await update(ask, ann, bob, email=NEW, **given)

    assert (payload["user"]["email"], payload["user"]["username"], payload["errors"]) == (NEW, then, [])
    assert not await find_wrong_values(world.parts.runtime)


async def test_before_the_at_sign_an_address_has_at_most_sixty_four_characters(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await world.user(email=OLD)

    too_long = await update(ask, ann, bob, email=f"{'b' * 65}@acme.test")
    longest = await update(ask, ann, bob, email=f"{'b' * 64}@acme.test")

    assert refusal(too_long) == ("INVALID_EMAIL", EMAIL)
    assert refusal(longest) is None


async def test_an_address_is_kept_as_it_is_written_in_a_known_form(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await world.user(email=OLD)

    payload = await update(ask, ann, bob, email=" Bob.O'Brien+tag@ACME.Test ")

    assert payload["user"]["pendingEmail"] == "Bob.O'Brien+tag@acme.test"


async def test_lists_find_the_address_that_holds_and_the_one_that_waits(world: World, ask: Ask) -> None:  # T14
    ann = await world.portal_admin()
    confirmed, invited = await world.user(email=OLD), await world.user(email="i@acme.test", status=Status.PROVISIONED)

    await update(ask, ann, confirmed, email="waits@acme.test")
    await update(ask, ann, invited, email="replaced@acme.test")

    found: dict[str, Any] = {
        text: await listed(ask, ann, search=text) for text in ("old@", "waits@", "i@", "replaced@")
    }
    assert found == {"old@": [confirmed.gid], "waits@": [confirmed.gid], "i@": [], "replaced@": [invited.gid]}
    assert await PortalUser.filter(email_key="replaced@acme.test").count() == 1
