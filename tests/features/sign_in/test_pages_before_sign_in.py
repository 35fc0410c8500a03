"""The data of pages that a browser shows before the sign-in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from models.tables import LinkToken, Portal, PortalUser, StaffMember
from rules.lifecycle.statuses import Status
from tests.features.account.own_account import NEW_PASSWORD, call, forgot, link_of, reset
from tests.features.mfa.enrolling import enrolled
from tests.support.world import PASSWORD, Ask, Person, TestClock, World
from tests.support.world.answers import sign_in

SIGN_IN_PAGE = """
query ($slug: String!) {
  portalSignIn(slug: $slug) { name slug startPageUrl passwordSignInEnabled supportContact }
}
"""
LINK = """
query ($link: String!) {
  linkPreview(token: $link) {
    kind portalName portalSlug isValid expiresAt passwordRequirements { minLength maxLength }
  }
}
"""
REQUIREMENTS = "query ($link: String) { passwordRequirements(token: $link) { minLength maxLength } }"


async def page(ask: Ask, slug: str) -> Any:
    return (await ask(SIGN_IN_PAGE, slug=slug)).data["portalSignIn"]


async def link_page(ask: Ask, token: str) -> Any:
    reply = await ask(LINK, link=token)
    assert not reply.errors, reply.errors
    return reply.data["linkPreview"]


async def requirements(ask: Ask, link: str | None = None, actor: Person | None = None) -> Any:
    reply = await ask(REQUIREMENTS, actor=actor, link=link)
    assert not reply.errors, reply.errors
    return reply.data["passwordRequirements"]


@pytest.mark.parametrize("typed", ["acme", "ACME", "  Acme "])
async def test_the_sign_in_page_shows_the_portal_however_the_slug_is_typed(world: World, ask: Ask, typed: str) -> None:
    await world.portal("acme", name="Acme", start_page_url="https://acme.test/start", support_contact="help@acme.test")

    assert await page(ask, typed) == {
        "name": "Acme",
        "slug": "acme",
        "startPageUrl": "https://acme.test/start",
        "passwordSignInEnabled": True,
        "supportContact": "help@acme.test",
    }


@pytest.mark.parametrize("slug", ["", "acm", "acme2", "a" * 1000, "%", "acme\u0000"])
async def test_an_unknown_slug_has_no_sign_in_page(world: World, ask: Ask, slug: str) -> None:
    await world.portal("acme")

    reply = await ask(SIGN_IN_PAGE, slug=slug)

    assert reply.data == {"portalSignIn": None} or reply.codes == ["BAD_USER_INPUT"]


async def test_the_sign_in_page_says_that_passwords_are_off_also_in_an_inactive_portal(world: World, ask: Ask) -> None:
    await world.portal("acme", password_sign_in_enabled=False, is_active=False)

    assert (await page(ask, "acme"))["passwordSignInEnabled"] is False


async def test_the_page_of_a_reset_link_shows_the_portal_and_the_password_s_limits(
    world: World, ask: Ask
) -> None:  # K17
    portal = await world.portal("acme", name="Acme")
    bob = await world.user(portal, email="bob@acme.test", password=PASSWORD)
    await forgot(ask, portal, "bob@acme.test")
    token = await link_of(world, bob)

    shown = await link_page(ask, token)
    payload = await reset(ask, token)
    afterwards = await link_page(ask, token)

    assert shown == {
        "kind": "PASSWORD_RESET",
        "portalName": "Acme",
        "portalSlug": "acme",
        "isValid": True,
        "expiresAt": shown["expiresAt"],
        "passwordRequirements": {"minLength": 15, "maxLength": 128},
    }
    assert payload["errors"] == []
    assert afterwards == {**shown, "isValid": False}


@pytest.mark.parametrize("gone", ["expired", "suspended", "portal inactive"])
async def test_a_reset_link_that_cannot_be_used_is_shown_as_not_valid(
    world: World, ask: Ask, clock: TestClock, gone: str
) -> None:
    portal = await world.portal("acme")
    bob = await world.user(portal, email="bob@acme.test")
    await forgot(ask, portal, "bob@acme.test")
    token = await link_of(world, bob)
    if gone == "expired":
        clock.advance(timedelta(hours=24))
    elif gone == "suspended":
        await PortalUser.filter(id=bob.id).update(status=Status.SUSPENDED, status_reason="ADMIN_ACTION")
    else:
        await Portal.all().update(is_active=False)

    assert (await link_page(ask, token))["isValid"] is False
    assert [error["code"] for error in (await reset(ask, token))["errors"]] == ["INVALID_TOKEN"]


async def test_the_page_of_a_staff_member_s_reset_link_names_no_portal(world: World, ask: Ask) -> None:
    nora = await world.mssp_admin(password=PASSWORD)
    await forgot(ask, None, nora.login)
    token = await link_of(world, nora)

    shown = await link_page(ask, token)
    await StaffMember.filter(id=nora.id).update(is_active=False)

    assert (shown["portalName"], shown["portalSlug"], shown["isValid"]) == (None, None, True)
    assert (await link_page(ask, token))["isValid"] is False


async def test_the_page_of_a_verification_link_shows_the_portal(world: World, ask: Ask) -> None:  # K24
    portal = await world.portal("acme", name="Acme")
    ann, bob = await world.portal_admin(portal), await world.user(portal, email="bob@acme.test")
    update = "mutation ($input: UpdateUserInput!) { updateUser(input: $input) { errors { code } } }"
    await ask(update, actor=ann, input={"id": bob.gid, "email": "new@acme.test"})
    row = await LinkToken.get(user_id=bob.id, purpose="VERIFY_EMAIL")
    token = world.parts.runtime.links.token(row.purpose, row.id, row.nonce)

    shown = await link_page(ask, token)
    await ask(update, actor=ann, input={"id": bob.gid, "email": "bob@acme.test"})

    assert {name: shown[name] for name in ("kind", "portalName", "portalSlug", "isValid")} == {
        "kind": "EMAIL_VERIFICATION",
        "portalName": "Acme",
        "portalSlug": "acme",
        "isValid": True,
    }
    assert shown["passwordRequirements"] is None
    assert (await link_page(ask, token))["isValid"] is False


async def test_a_token_of_another_kind_or_of_a_deleted_account_has_no_page(world: World, ask: Ask) -> None:
    portal = await world.portal("acme")
    ann, bob = await world.portal_admin(portal), await world.user(portal, email="bob@acme.test", password=PASSWORD)
    await enrolled(world, ask, bob)
    challenge = (await sign_in(ask, bob.login, PASSWORD, "acme"))["mfaChallenge"]["challengeToken"]
    await forgot(ask, portal, "bob@acme.test")
    token = await link_of(world, bob)

    others = [await link_page(ask, text) for text in ("", "made up", challenge)]
    await ask.act("deleteUsers", ann, bob)

    assert others == [None] * 3
    assert await link_page(ask, token) is None


async def test_completing_a_link_says_where_to_sign_in(world: World, ask: Ask) -> None:
    portal, nora = await world.portal("acme"), await world.mssp_admin(password=PASSWORD)
    bob = await world.user(portal, email="bob@acme.test")
    document = "mutation ($input: CompletePasswordResetInput!) { completePasswordReset(input: $input) { portalSlug } }"
    await forgot(ask, portal, "bob@acme.test")
    token = await link_of(world, bob)

    wrong = await ask(document, input={"token": "made up", "password": NEW_PASSWORD})
    right = await ask(document, input={"token": token, "password": NEW_PASSWORD})
    await forgot(ask, None, nora.login)
    of_staff = await ask(document, input={"token": await link_of(world, nora), "password": NEW_PASSWORD})

    slugs = [reply.data["completePasswordReset"]["portalSlug"] for reply in (wrong, right, of_staff)]
    assert slugs == [None, "acme", None]


async def test_the_viewer_sees_what_a_new_password_must_satisfy(world: World, ask: Ask) -> None:
    bob, ann = await world.user(password=PASSWORD), await world.mssp_admin(password=PASSWORD)
    careful = await world.user(await world.portal(mfa_required=True), password=PASSWORD)

    before = [await requirements(ask, actor=person) for person in (bob, ann, careful)]
    await enrolled(world, ask, bob)

    assert [shown["minLength"] for shown in before] == [15, 15, 8]
    assert await requirements(ask, actor=bob) == {"minLength": 8, "maxLength": 128}
    assert (await ask(REQUIREMENTS)).unauthenticated


async def test_the_holder_of_a_link_sees_what_its_password_must_satisfy(world: World, ask: Ask) -> None:
    portal = await world.portal("acme", mfa_required=True)
    bob = await world.user(portal, email="bob@acme.test", password=PASSWORD)
    await forgot(ask, portal, "bob@acme.test")
    token = await link_of(world, bob)

    shown = await requirements(ask, token)
    await reset(ask, token)

    assert shown == {"minLength": 8, "maxLength": 128}
    assert await requirements(ask, token) is None
    assert await requirements(ask, "made up") is None


async def test_a_step_of_a_sign_in_shows_what_the_new_password_must_satisfy(world: World, ask: Ask) -> None:  # T6
    portal = await world.portal("acme", password_max_age_days=1)
    bob = await world.user(portal, email="bob@acme.test", password=PASSWORD)
    await PortalUser.filter(id=bob.id).update(password_changed_at=world.clock.now() - timedelta(days=2))

    step = (await sign_in(ask, bob.login, PASSWORD, "acme"))["passwordChange"]

    assert await requirements(ask, step["token"]) == {"minLength": 15, "maxLength": 128}


async def test_a_link_s_token_is_not_taken_in_a_url(ask: Ask) -> None:
    for field in ('linkPreview(token: "secret") { kind }', 'passwordRequirements(token: "secret") { minLength }'):
        response = await ask.client.get("/graphql", params={"query": f"query A {{ {field} }}"})

        assert response.status_code == 405


async def test_a_verified_address_says_where_to_sign_in(world: World, ask: Ask) -> None:
    portal = await world.portal("acme")
    bob = await world.user(portal, email="bob@acme.test", password=PASSWORD)
    await call(ask, "changeEmail", actor=bob, email="new@acme.test", currentPassword=PASSWORD)
    row = await LinkToken.get(user_id=bob.id, purpose="VERIFY_EMAIL")
    token = world.parts.runtime.links.token(row.purpose, row.id, row.nonce)

    document = "mutation ($input: VerifyEmailInput!) { verifyEmail(input: $input) { portalSlug errors { code } } }"
    reply = await ask(document, input={"token": token})

    assert reply.data["verifyEmail"] == {"portalSlug": "acme", "errors": []}
