"""E-mail addresses in other spellings: capitals, pasted characters, and characters of other keyboards."""

from __future__ import annotations

import pytest

from models.tables import PortalUser
from rules.lifecycle.statuses import Status
from tests.features.account.editing import code, columns, refusal, update
from tests.features.account.own_account import call
from tests.features.listing.people import listed
from tests.features.mfa.enrolling import challenged, enrolled
from tests.features.mfa.enrolling import code as code_now
from tests.features.mfa.test_challenges import answered
from tests.support.mail.mailed import living, nothing_is_queued
from tests.support.world import PASSWORD, Ask, World
from tests.support.world.answers import sign_in

OLD, RESPELLED = "Ada.Case@acme.test", "ada.case@ACME.test"
STORED = "ada.case@acme.test"


async def test_other_capitals_change_the_spelling_of_an_address_and_nothing_else(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await world.user(email=OLD, username=OLD, password=PASSWORD)
    token, before = await world.token(bob), await columns(bob)

    user = (await update(ask, ann, bob, email=RESPELLED))["user"]

    assert (user["email"], user["username"], user["pendingEmail"], user["signInBlockers"]) == (STORED, STORED, None, [])
    assert (await ask("{ viewer { id } }", token=token)).data["viewer"] == {"id": bob.gid}
    assert (await columns(bob))["email_verified_at"] == before["email_verified_at"]
    assert await nothing_is_queued()


async def test_the_owner_s_own_change_of_capitals_ends_no_session(world: World, ask: Ask) -> None:
    bob = await world.user(email=OLD, password=PASSWORD)
    token = await world.token(bob)

    payload = await call(ask, "changeEmail", actor=bob, currentPassword=PASSWORD, email=RESPELLED)

    assert payload["errors"] == []
    assert (await PortalUser.get(id=bob.id)).email == STORED
    assert (await ask("{ viewer { id } }", token=token)).data["viewer"] == {"id": bob.gid}
    assert await nothing_is_queued()


async def test_an_invitee_whose_address_is_respelled_keeps_the_link(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await world.user(email=OLD, status=Status.PROVISIONED)
    await ask.act("resendVerifications", ann, bob)

    await update(ask, ann, bob, email=RESPELLED)

    assert await living(world, bob) == [True]


async def test_a_waiting_address_in_other_capitals_waits_on_without_another_mail(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await world.user(email="old@acme.test")
    await update(ask, ann, bob, email=OLD)

    again = await update(ask, ann, bob, email=RESPELLED)

    assert (code(again), again["user"]["pendingEmail"]) == (None, STORED)
    assert await living(world, bob) == [True]


async def test_an_address_that_differs_by_more_waits_as_another(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await world.user(email="gross@acme.test")

    payload = await update(ask, ann, bob, email="groß@acme.test")

    assert (payload["user"]["email"], payload["user"]["pendingEmail"]) == ("gross@acme.test", "groß@acme.test")


async def test_a_username_that_looks_like_another_user_s_is_refused(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await world.user()
    await world.user(username="administrator")

    payload = await update(ask, ann, bob, username="\u0430dministrator")

    assert refusal(payload) == ("USERNAME_TAKEN", ["input", "username"])


async def test_a_user_s_own_username_may_change_to_its_look_alike(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await world.user(username="\u0430dministrator")

    assert code(await update(ask, ann, bob, username="administrator")) is None


PASTED = ["\ufeff{}", "{}\u200b", "\u200e{}", "{}\u2060", "\u00a0{}\u2800"]


@pytest.mark.parametrize("pasted", PASTED)
async def test_a_pasted_login_with_invisible_characters_signs_in_and_is_found(
    world: World, ask: Ask, pasted: str
) -> None:
    bob, nora = await world.user(email=OLD, password=PASSWORD), await world.mssp_admin()
    assert bob.portal
    typed = pasted.format(OLD.replace("@", "\u00ad@"))

    payload = await sign_in(ask, typed, PASSWORD, pasted.format(bob.portal.slug))

    assert payload["session"]["viewer"]["id"] == bob.gid
    assert await listed(ask, nora, search=typed) == [bob.gid]


@pytest.mark.parametrize(
    "typed", ["m\u0131ke@acme.test", "mi\u212ae@acme.test", "m\u0130ke@acme.test", "\uff4dike@acme.test"]
)
async def test_a_login_in_letters_that_resemble_others_signs_in_as_no_one(world: World, ask: Ask, typed: str) -> None:
    bob = await world.user(email="mike@acme.test", password=PASSWORD)
    assert bob.portal

    assert (await sign_in(ask, typed, PASSWORD, bob.portal.slug))["session"] is None


@pytest.mark.parametrize("zero", [0xFF10, 0x0660, 0x06F0, 0x0966])
async def test_codes_in_digits_of_other_scripts_are_right(world: World, ask: Ask, zero: int) -> None:
    bob = await world.user(password=PASSWORD)
    enrollment = await enrolled(world, ask, bob)
    digits = {ord("0") + n: chr(zero + n) for n in range(10)}

    by_app = await answered(
        ask, await challenged(ask, bob), code=code_now(world, enrollment["secret"]).translate(digits)
    )
    by_hand = await answered(
        ask, await challenged(ask, bob), recoveryCode=enrollment["recoveryCodes"][0].translate(digits)
    )

    assert (by_app, by_hand) == ("in", "in")
