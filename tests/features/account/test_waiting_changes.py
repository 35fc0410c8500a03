"""A new password cancels a pending change of the e-mail address.

Someone who knew the old password could have begun this change.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from models.tables import AuditEvent, LinkToken
from services.admin.doctor import find_wrong_values
from services.housekeeping.run import Housekeeping
from tests.features.account.editing import columns, update
from tests.features.account.own_account import ALWAYS, NEW_PASSWORD, call, code_of, forgot, link_of, newest_link, reset
from tests.features.listing.people import listed
from tests.support.mail.mailed import living
from tests.support.world import PASSWORD, Ask, Person, TestClock, World
from tests.support.world.answers import sign_in

OWN, OTHER = "owner@acme.test", "other@thief.test"
A_MINUTE = timedelta(minutes=1)


async def robbed(world: World, ask: Ask) -> tuple[Person, str]:
    """Return a user, and the token that would verify a thief's address for the user's account.

    The thief knows the user's password, and has begun to change the address.
    """
    bob = await world.user(email=OWN, password=PASSWORD)
    thief = await world.token(bob)
    assert code_of(await call(ask, "changeEmail", bearer=thief, email=OTHER, currentPassword=PASSWORD)) is None
    return bob, await newest_link(world, bob, "VERIFY_EMAIL")


async def follow(ask: Ask, token: str) -> str | None:
    return code_of(await call(ask, "verifyEmail", token=token))


async def test_a_reset_by_the_owner_ends_the_change_of_email_that_a_thief_began(world: World, ask: Ask) -> None:
    bob, stolen = await robbed(world, ask)
    assert bob.portal
    await forgot(ask, bob.portal, OWN)

    assert await reset(ask, await link_of(world, bob)) == ALWAYS

    assert await follow(ask, stolen) == "INVALID_TOKEN"
    row = await columns(bob)
    assert (row["email"], row["pending_email"], row["pending_email_key"]) == (OWN, None, None)
    assert (await sign_in(ask, OTHER, NEW_PASSWORD, bob.portal.slug))["session"] is None
    assert (await sign_in(ask, OWN, NEW_PASSWORD, bob.portal.slug))["session"]
    assert not await find_wrong_values(world.parts.runtime)


async def test_the_audit_log_says_that_the_change_of_email_was_ended(world: World, ask: Ask) -> None:
    bob, _ = await robbed(world, ask)
    await forgot(ask, bob.portal, OWN)

    await reset(ask, await link_of(world, bob))

    ended = (await AuditEvent.filter(user_id=bob.id, event="user.updated").order_by("-id"))[0]
    assert ended.actor_id == bob.id
    assert ended.changes == [{"field": "pendingEmail", "before": OTHER, "after": None}]


async def test_an_address_that_waited_is_free_and_found_no_more_after_a_new_password(world: World, ask: Ask) -> None:
    bob, _ = await robbed(world, ask)
    ann, eve = await world.portal_admin(), await world.user(email="eve@acme.test")
    await forgot(ask, bob.portal, OWN)

    await reset(ask, await link_of(world, bob))

    assert await listed(ask, ann, search="other@") == []
    assert code_of(await update(ask, ann, eve, email=OTHER)) is None


async def test_a_reset_by_an_admin_ends_the_change_of_email_at_once(world: World, ask: Ask) -> None:
    bob, stolen = await robbed(world, ask)
    ann, eve = await world.portal_admin(), await world.user()

    await ask.act("resetPasswords", ann, bob, eve)

    assert await follow(ask, stolen) == "INVALID_TOKEN"
    assert (await columns(bob))["pending_email"] is None
    ended = await AuditEvent.get(user_id=bob.id, event="user.updated", actor_id=ann.id)
    assert ended.changes == [{"field": "pendingEmail", "before": OTHER, "after": None}]
    assert await reset(ask, await link_of(world, bob)) == ALWAYS
    assert not await find_wrong_values(world.parts.runtime)


async def test_a_link_that_an_admin_sent_again_is_ended_as_well(world: World, ask: Ask, clock: TestClock) -> None:
    bob, _ = await robbed(world, ask)
    clock.advance(A_MINUTE)
    await ask.act("resendVerifications", await world.portal_admin(), bob)
    sent_again = await link_of(world, bob)
    await forgot(ask, bob.portal, OWN)

    await reset(ask, await link_of(world, bob))

    assert await follow(ask, sent_again) == "INVALID_TOKEN"


async def test_a_change_is_known_as_the_users_own_when_its_link_is_long_over(
    world: World, ask: Ask, clock: TestClock
) -> None:
    await world.portal(invitation_ttl_hours=1)
    bob, _ = await robbed(world, ask)
    clock.advance(timedelta(days=8))
    await Housekeeping(world.parts.runtime).run()
    await ask.act("resendVerifications", await world.portal_admin(), bob)
    sent_again = await link_of(world, bob)
    await forgot(ask, bob.portal, OWN)

    await reset(ask, await link_of(world, bob))

    assert await follow(ask, sent_again) == "INVALID_TOKEN"


@pytest.mark.parametrize("reset_by", ["owner", "admin"])
async def test_a_change_of_email_that_an_admin_began_outlives_a_new_password(
    world: World, ask: Ask, reset_by: str
) -> None:
    ann, bob = await world.portal_admin(), await world.user(email=OWN, password=PASSWORD)
    assert bob.portal
    await update(ask, ann, bob, email="rescue@acme.test")
    rescue = await link_of(world, bob)
    if reset_by == "admin":
        await ask.act("resetPasswords", ann, bob)
    else:
        await forgot(ask, bob.portal, OWN)

    assert await reset(ask, await link_of(world, bob)) == ALWAYS

    assert (await columns(bob))["pending_email"] == "rescue@acme.test"
    assert (await sign_in(ask, OWN, NEW_PASSWORD, bob.portal.slug))["blockers"] == [{"code": "EMAIL_UNVERIFIED"}]
    assert await follow(ask, rescue) is None
    assert (await sign_in(ask, "rescue@acme.test", NEW_PASSWORD, bob.portal.slug))["session"]


async def test_an_admins_change_that_was_sent_again_stays_the_admins(world: World, ask: Ask, clock: TestClock) -> None:
    ann, bob = await world.portal_admin(), await world.user(email=OWN)
    await update(ask, ann, bob, email="rescue@acme.test")
    clock.advance(A_MINUTE)
    await ask.act("resendVerifications", await world.portal_admin(), bob)
    await forgot(ask, bob.portal, OWN)

    await reset(ask, await link_of(world, bob))

    assert (await living(world, bob))[:2] == [False, True]
    assert {link.actor_id for link in await LinkToken.filter(purpose="VERIFY_EMAIL")} == {ann.id}
