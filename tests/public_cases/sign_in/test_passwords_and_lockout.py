"""Which passwords are accepted, and when wrong passwords lock an account."""

from __future__ import annotations

from datetime import timedelta
from unicodedata import normalize

import pytest

from rules.lifecycle.statuses import Status
from services.housekeeping.run import Housekeeping
from tests.features.account.own_account import code_of, forgot, reset
from tests.public_cases.letterbox import Letterbox
from tests.public_cases.steps import accepted, enters, invited, invitee, user_of
from tests.support.world import PASSWORD, Ask, Person, World

ACCENTED = "mañana übermäßig früh é"
LONG = "x7 quiet lanterns " * 7


async def a_member(world: World, ask: Ask, letterbox: Letterbox, password: str) -> Person:
    """Create a user who has accepted an invitation with this password."""
    portal, ann = await world.portal(), await world.portal_admin()
    (bob,) = await invited(ask, ann, portal, invitee("bob"))
    assert await accepted(ask, (await letterbox.only()).token, password)
    return Person(bob.id, bob.kind, "bob@acme.test", portal)


async def ninety_days_pass(world: World) -> None:
    """Let 90 days pass, with housekeeping after 83 and after 90 days.

    The first run warns idle users, and the second run suspends them.
    """
    for days in (83, 7):
        world.clock.advance(timedelta(days=days))
        await Housekeeping(world.parts.runtime).run()


async def opens(ask: Ask, person: Person, password: str) -> bool:
    assert person.portal
    return await enters(ask, person.login, person.portal, password)


async def test_blanks_around_a_password_count(world: World, ask: Ask, letterbox: Letterbox) -> None:
    bob = await a_member(world, ask, letterbox, "  two quiet lanterns 42 ")

    assert await opens(ask, bob, "  two quiet lanterns 42 ")
    assert not await opens(ask, bob, "two quiet lanterns 42")
    # wso2/product-is#4689, nextcloud/server#6006


@pytest.mark.parametrize("form", ["NFC", "NFD"])
async def test_a_password_with_accents_opens_from_every_keyboard(
    world: World, ask: Ask, letterbox: Letterbox, form: str
) -> None:
    bob = await a_member(world, ask, letterbox, normalize("NFC" if form == "NFD" else "NFD", ACCENTED))

    assert await opens(ask, bob, normalize(form, ACCENTED))  # type: ignore[arg-type]  # normalize takes a literal
    # mattermost/mattermost#36877, matrix-org/synapse#3306, usnistgov/800-63-3#301


async def test_a_long_password_counts_to_its_last_character(world: World, ask: Ask, letterbox: Letterbox) -> None:
    bob = await a_member(world, ask, letterbox, LONG[:120] + "A")

    opened = [await opens(ask, bob, typed) for typed in (LONG[:120] + "A", LONG[:120] + "B", LONG[:120], LONG[:72])]

    assert opened == [True, False, False, False]
    # bcrypt-ruby/bcrypt-ruby#283, photoprism/photoprism#3482, netlify/gotrue PR 449


async def test_a_password_that_is_too_long_is_refused_and_the_limit_named(
    world: World, ask: Ask, letterbox: Letterbox
) -> None:
    portal = await world.portal()
    await world.user(email="bob@acme.test", password=PASSWORD)
    await forgot(ask, portal, "bob@acme.test")
    token = (await letterbox.only()).token

    payload = await reset(ask, token, "y" * 60 + "z9 " * 40)

    assert code_of(payload) == "WEAK_PASSWORD"
    assert "128" in payload["errors"][0]["message"]
    # bcrypt-ruby/bcrypt-ruby#283


async def test_an_idle_user_who_was_unlocked_is_not_suspended_the_next_night(world: World, ask: Ask) -> None:
    await world.portal()
    ann, bob = await world.portal_admin(), await world.user(password=PASSWORD)
    await ninety_days_pass(world)
    suspended = await user_of(ask, ann, bob)

    await ask.act("unlockUsers", ann, bob)
    world.clock.advance(timedelta(days=1))
    await Housekeeping(world.parts.runtime).run()

    assert (suspended["status"], suspended["statusReason"]) == ("SUSPENDED", "IDLE")
    assert await world.status(bob) is Status.ACTIVE
    # concretecms/concretecms#12795, HHS/OPRE-OPS#4075, muccg/rdrf#223


async def test_a_user_who_never_signed_in_goes_idle_too(world: World, ask: Ask) -> None:
    await world.portal()
    ann, bob = await world.portal_admin(), await world.user(password=PASSWORD)

    await ninety_days_pass(world)

    user = await user_of(ask, ann, bob)
    assert (user["lastSignInAt"], user["status"], user["statusReason"]) == (None, "SUSPENDED", "IDLE")
    # nextcloud/user_retention#678, #600
