"""The data for the page behind an invitation's link (E7, E8)."""

from __future__ import annotations

from typing import Any

import pytest

from models.tables import PortalUser
from tests.features.invitations.accepting import invited
from tests.features.invitations.inviting import (
    accept,
    ada,
    codes,
    invitation_token,
    invite_new,
    links_of,
    new_person,
    preview,
    start,
)
from tests.support.world import Ask, World

HIDDEN = "a•••@new.test"


@pytest.mark.parametrize(
    ("given", "options", "login", "may_register", "next_step"),
    [
        ({}, {}, HIDDEN, True, "SET_PASSWORD"),
        ({}, {"trustStoredEmail": True, "delivery": "LINK"}, HIDDEN, False, "SET_PASSWORD"),
        ({}, {"delivery": "LINK"}, HIDDEN, True, "REGISTER"),
        ({"email": None}, {"delivery": "LINK"}, None, True, "REGISTER"),
    ],
)
async def test_the_page_shows_the_masked_login_and_if_another_may_be_registered(
    world: World,
    ask: Ask,
    given: dict[str, Any],
    options: dict[str, Any],
    login: str | None,
    may_register: bool,
    next_step: str,
) -> None:  # E6, E7, E8
    portal = await world.portal("acme", required_user_fields=["FIRST_NAME"])
    ann = await world.portal_admin(portal)
    payload = await invite_new(ask, ann, portal, {**ada(), **given}, **options)
    token = (links_of(payload) or [await invitation_token(world, new_person(payload))])[0]

    shown = await preview(ask, token)
    started = await start(ask, token, "other@new.test")

    assert (shown["login"], shown["mayRegisterOtherAddress"], shown["nextStep"]) == (login, may_register, next_step)
    assert (codes(started) == []) is may_register


async def test_a_link_that_an_admin_has_replaced_says_nothing_about_the_present_address(world: World, ask: Ask) -> None:
    ann, bob, old = await invited(world, ask)
    update = "mutation ($input: UpdateUserInput!) { updateUser(input: $input) { errors { code } } }"
    reply = await ask(update, actor=ann, input={"id": bob.gid, "email": "right@new.test"})

    shown = await preview(ask, old)

    assert reply.data["updateUser"]["errors"] == []
    assert (shown["state"], shown["login"], shown["mayRegisterOtherAddress"]) == ("REVOKED", None, False)


async def test_an_accepted_invitation_shows_no_login(world: World, ask: Ask) -> None:
    _, _, token = await invited(world, ask)
    await accept(ask, token)

    shown = await preview(ask, token)

    assert (shown["state"], shown["nextStep"], shown["login"]) == ("ACCEPTED", "SIGN_IN", None)


async def test_the_page_asks_for_the_fields_that_the_invitee_can_fill_in(world: World, ask: Ask) -> None:  # E4, K6
    portal = await world.portal("acme", required_user_fields=["EMAIL"])
    ann = await world.portal_admin(portal)
    payload = await invite_new(ask, ann, portal, ada(), delivery="LINK")
    (token,) = links_of(payload)
    await type(portal).all().update(required_user_fields=["FIRST_NAME", "LAST_NAME", "EMAIL"])
    await PortalUser.filter(id=new_person(payload).id).update(email=None, email_key=None)

    shown = await preview(ask, token)

    assert (shown["nextStep"], shown["missingFields"]) == ("REGISTER", ["LAST_NAME"])
