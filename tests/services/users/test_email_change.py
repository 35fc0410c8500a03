"""How owners cancel a change of their own e-mail address: signed in, or by the link in the mail to the old address."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models.tables import AuditEvent, Portal
from tests.features.account.changing_email import NEW, OLD
from tests.features.account.editing import columns, update
from tests.features.account.own_account import call, code_of, newest_link
from tests.support.world import PASSWORD, Ask, Person, World
from tests.support.world.answers import sign_in

A_MINUTE = timedelta(minutes=1)
CANCEL = """
mutation ($input: CancelEmailChangeInput!) {
  cancelEmailChange(input: $input) { account { id } portalSlug errors { code path } }
}
"""


async def changing(world: World, ask: Ask) -> Person:
    """Create a user who has asked to change their own e-mail address, but has not confirmed the new one yet."""
    bob = await world.user(await world.portal("acme"), email=OLD, password=PASSWORD)
    assert code_of(await call(ask, "changeEmail", actor=bob, email=NEW, currentPassword=PASSWORD)) is None
    return bob


async def test_the_owner_takes_the_change_back(world: World, ask: Ask) -> None:
    bob = await changing(world, ask)
    link = await newest_link(world, bob, "VERIFY_EMAIL")

    payload = (await ask(CANCEL, actor=bob, input={})).data["cancelEmailChange"]

    row = await columns(bob)
    assert payload == {"account": {"id": bob.gid}, "portalSlug": None, "errors": []}
    assert (row["email"], row["pending_email"], row["pending_email_is_own"]) == (OLD, None, False)
    assert code_of(await call(ask, "verifyEmail", token=link)) == "INVALID_TOKEN"
    assert code_of(await call(ask, "cancelEmailChange", actor=bob)) == "NOT_ALLOWED"
    ended = (await AuditEvent.filter(user_id=bob.id, event="user.updated").order_by("-id"))[0]
    assert ended.changes == [{"field": "pendingEmail", "before": NEW, "after": None}]


async def test_the_mail_to_the_old_address_takes_the_change_back_once(world: World, ask: Ask) -> None:
    bob = await changing(world, ask)
    verification = await newest_link(world, bob, "VERIFY_EMAIL")
    token = await newest_link(world, bob, "CANCEL_EMAIL_CHANGE")

    payload = (await ask(CANCEL, input={"token": token})).data["cancelEmailChange"]
    again = (await ask(CANCEL, input={"token": token})).data["cancelEmailChange"]

    assert payload == {"account": None, "portalSlug": "acme", "errors": []}
    assert again["errors"] == [{"code": "INVALID_TOKEN", "path": ["input", "token"]}]
    assert code_of(await call(ask, "verifyEmail", token=verification)) == "INVALID_TOKEN"
    assert (await sign_in(ask, OLD, PASSWORD, "acme"))["session"]


async def test_a_verified_change_is_not_taken_back(world: World, ask: Ask) -> None:
    bob = await changing(world, ask)
    token = await newest_link(world, bob, "CANCEL_EMAIL_CHANGE")
    await call(ask, "verifyEmail", token=await newest_link(world, bob, "VERIFY_EMAIL"))

    assert code_of(await call(ask, "cancelEmailChange", token=token)) == "INVALID_TOKEN"
    assert (await columns(bob))["email"] == NEW


async def test_an_admin_s_change_blocks_sign_in_and_is_not_the_owner_s_to_take_back(
    world: World, ask: Ask
) -> None:  # K24
    bob = await changing(world, ask)
    token = await newest_link(world, bob, "CANCEL_EMAIL_CHANGE")
    ann = await world.portal_admin(await Portal.get(slug="acme"))
    assert code_of(await update(ask, ann, bob, email=OLD)) is None
    world.clock.advance(A_MINUTE)

    changed = await update(ask, ann, bob, email="admin@acme.test")

    assert code_of(changed) is None
    assert code_of(await call(ask, "cancelEmailChange", token=token)) == "INVALID_TOKEN"
    assert (await sign_in(ask, OLD, PASSWORD, "acme"))["blockers"] == [{"code": "EMAIL_UNVERIFIED"}]


@pytest.mark.parametrize("kind", ["user", "staff"])
async def test_without_an_own_change_there_is_nothing_to_take_back(world: World, ask: Ask, kind: str) -> None:
    bob = await (world.mssp_admin() if kind == "staff" else world.user())

    assert code_of(await call(ask, "cancelEmailChange", actor=bob)) == "NOT_ALLOWED"
    assert code_of(await call(ask, "cancelEmailChange", token="made up")) == "INVALID_TOKEN"
    assert (await ask(CANCEL, input={})).unauthenticated
