"""When sessions end, and how an account with a second factor signs in."""

from __future__ import annotations

from tests.features.account.editing import update
from tests.features.account.own_account import NEW_PASSWORD, code_of, reset
from tests.features.listing.people import listed
from tests.features.mfa.enrolling import CONFIRM, ENROLL, challenged, code, enrolled
from tests.features.mfa.test_challenges import answered
from tests.public_cases.letterbox import Letterbox
from tests.public_cases.steps import accepted, enters, invited, invitee, is_signed_in, rows, user_of
from tests.support.world import PASSWORD, Ask, World
from tests.support.world.answers import reasons, sign_in
from tests.support.world.places import another_process


async def test_a_lock_at_one_process_ends_access_at_another_at_once(world: World, ask: Ask) -> None:
    portal, ann = await world.portal(), await world.portal_admin()
    bob = await world.user(password=PASSWORD)
    async with another_process(world) as other:
        token = (await sign_in(ask, bob.login, PASSWORD, portal.slug))["session"]["accessToken"]
        assert await is_signed_in(other, token)

        await ask.act("lockUsers", ann, bob)

        assert not await is_signed_in(other, token)
        await other.act("unlockUsers", ann, bob)
        assert await enters(ask, bob.login, portal, PASSWORD)
    # bxservice/idempiere-rest#327, eduvpn/vpn-user-portal#99


async def test_accepting_an_invitation_is_the_last_sign_in_that_lists_show(
    world: World, ask: Ask, letterbox: Letterbox
) -> None:
    portal, ann = await world.portal(), await world.portal_admin(last_sign_in_at=world.clock.now())
    joined, never = await invited(ask, ann, portal, invitee("joined"), invitee("never"))
    letters = {letter.recipient: letter for letter in await letterbox.emptied()}

    assert await accepted(ask, letters["joined@acme.test"].token)

    shown = {row["id"]: row["lastSignInAt"] for row in await rows(ask, ann)}
    assert (shown[joined.gid], shown[never.gid]) == ("2026-03-01T09:00:00.000Z", None)
    assert await listed(ask, ann, filter={"neverSignedIn": True}) == [never.gid]
    # authgear/authgear-server#2475


async def test_codes_are_right_with_blanks_capitals_and_without_dashes(world: World, ask: Ask) -> None:
    bob = await world.user(password=PASSWORD)
    enrollment = (await ask(ENROLL, actor=bob, p=PASSWORD)).data["enrollMfa"]
    shown = code(world, enrollment["secret"])
    confirmed = await ask(CONFIRM, actor=bob, c=f" {shown[:3]} {shown[3:]} ")
    following = code(world, enrollment["secret"], steps=1)
    one, two, three, four = enrollment["recoveryCodes"][:4]

    answers = [await answered(ask, await challenged(ask, bob), code=f"{following[:3]}\u00a0{following[3:]}")]
    for typed in (one.upper(), two.replace("-", " "), three.replace("-", ""), f"  {four}\n", one):
        answers.append(await answered(ask, await challenged(ask, bob), recoveryCode=typed))

    assert confirmed.data["confirmMfa"]["errors"] == []
    assert answers == [*["in"] * 5, ["INVALID_CREDENTIALS"]]
    # devise-two-factor/devise-two-factor PR 195, WordPress/two-factor#317, freedomofpress/securedrop#820


async def test_an_admin_s_reset_frees_a_user_whose_phone_is_lost(world: World, ask: Ask, letterbox: Letterbox) -> None:
    portal, ann = await world.portal(), await world.portal_admin()
    bob = await world.user(email="bob@acme.test", username="bob@acme.test", password=PASSWORD)
    lost = await enrolled(world, ask, bob)
    await letterbox.emptied()

    payload = await ask.act("resetMfa", ann, bob)
    told = await letterbox.only()
    token = (await sign_in(ask, bob.login, PASSWORD, portal.slug))["session"]["accessToken"]
    new = (await ask(ENROLL, token=token, p=PASSWORD)).data["enrollMfa"]
    by_the_lost_app = (await ask(CONFIRM, token=token, c=code(world, lost["secret"]))).data["confirmMfa"]["errors"]
    by_the_new_app = (await ask(CONFIRM, token=token, c=code(world, new["secret"]))).data["confirmMfa"]["errors"]
    by_an_old_code = await answered(ask, await challenged(ask, bob), recoveryCode=lost["recoveryCodes"][0])

    assert (reasons(payload), told.recipient) == ([None], "bob@acme.test")
    assert (len(by_the_lost_app), by_the_new_app, by_an_old_code) == (1, [], ["INVALID_CREDENTIALS"])
    # saltcorn/saltcorn#3205, aws-amplify/amplify-js#4722, #8103, casdoor/casdoor#2950


async def test_an_admin_resets_neither_the_own_second_factor_nor_a_foreign_one(world: World, ask: Ask) -> None:
    ann = await world.portal_admin(await world.portal())
    stranger = await world.user(await world.portal(mssp=await world.mssp()))

    payload = await ask.act("resetMfa", ann, ann, stranger)

    assert reasons(payload) == ["CANNOT_TARGET_SELF", "NOT_FOUND"]
    # LanternOps/breeze PR 2696


async def test_an_admin_sees_why_a_user_cannot_sign_in_and_what_helps(world: World, ask: Ask) -> None:
    await world.portal()
    ann, bob = await world.portal_admin(), await world.user(email="why@acme.test", password=PASSWORD)
    await update(ask, ann, bob, email="why.new@acme.test")
    await ask.act("lockUsers", ann, bob)

    user = await user_of(ask, ann, bob)

    allowed = {action["action"] for action in user["availableActions"] if action["allowed"]}
    assert {blocker["code"] for blocker in user["signInBlockers"]} == {"EMAIL_UNVERIFIED", "SUSPENDED"}
    assert {"UNLOCK", "DELETE"} <= allowed
    assert "LOCK" not in allowed
    # keycloak/keycloak#20651, MicrosoftDocs/windows-itpro-docs#10270


async def test_a_user_who_is_activated_again_is_where_a_pending_reset_left_off(
    world: World, ask: Ask, letterbox: Letterbox
) -> None:
    portal, ann = await world.portal(), await world.portal_admin()
    bob = await world.user(password=PASSWORD)
    await ask.act("resetPasswords", ann, bob)
    token = (await letterbox.only()).token

    await ask.act("deactivateUsers", ann, bob)
    await ask.act("activateUsers", ann, bob)

    user = await user_of(ask, ann, bob)
    assert (user["status"], user["statusReason"]) == ("RECOVERY", "RESET_REQUESTED_BY_ADMIN")
    assert (await sign_in(ask, bob.login, PASSWORD, portal.slug))["blockers"] == [{"code": "RESET_PENDING"}]
    assert code_of(await reset(ask, token)) is None
    assert await enters(ask, bob.login, portal, NEW_PASSWORD)
    # KelvinTegelaar/CIPP#3821, #2169
