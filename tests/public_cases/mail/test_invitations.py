"""Invitations: sending, repeating, cancelling and accepting them."""

from __future__ import annotations

from datetime import timedelta

from rules.lifecycle.statuses import Status
from tests.features.invitations.inviting import complete, confirm, invite_new, links_of, renew, start
from tests.features.invitations.inviting import preview as look
from tests.features.selections.selecting import act, matching, previewed
from tests.public_cases.letterbox import Letterbox
from tests.public_cases.steps import accepted, added, enters, invited, invitee
from tests.support.world import Ask, World
from tests.support.world.answers import reasons

A_MINUTE, EIGHT_DAYS = timedelta(minutes=1), timedelta(days=8)


async def test_a_deleted_user_is_invited_again_as_another_user(world: World, ask: Ask, letterbox: Letterbox) -> None:
    portal, ann = await world.portal(), await world.portal_admin()
    gone = invitee("again", username="again")
    (bob,) = await invited(ask, ann, portal, gone)
    old = (await letterbox.only()).token
    await ask.act("deleteUsers", ann, bob)

    (new,) = await invited(ask, ann, portal, gone)
    letter = await letterbox.only()

    assert new.id != bob.id
    assert (await look(ask, old), await accepted(ask, old)) == (None, False)
    assert await accepted(ask, letter.token)
    # discourse/discourse PR 12927, distr-sh/distr#1250, eugenioenko/autentico#170


async def test_an_invitee_whose_link_ran_out_asks_for_another(world: World, ask: Ask, letterbox: Letterbox) -> None:
    portal, ann = await world.portal(), await world.portal_admin()
    await invited(ask, ann, portal, invitee("self"))
    old = (await letterbox.only()).token
    world.clock.advance(EIGHT_DAYS)

    await renew(ask, old)
    letter = await letterbox.only()

    assert (letter.recipient, letter.token != old) == ("self@acme.test", True)
    assert await accepted(ask, letter.token)
    # langwatch/langwatch#6778, webrecorder/browsertrix#1906


async def test_a_new_code_registers_after_five_wrong_ones(world: World, ask: Ask, letterbox: Letterbox) -> None:
    portal, ann, address = await world.portal(), await world.portal_admin(), "code@acme.test"
    (token,) = links_of(await invite_new(ask, ann, portal, invitee("code"), delivery="LINK"))
    await start(ask, token, address)
    first = (await letterbox.only()).code
    for n in range(5):
        wrong = f"{(int(first) + n + 1) % 1_000_000:06d}"
        assert (await confirm(ask, token, wrong, address))["errors"]
    assert (await confirm(ask, token, first, address))["errors"]
    world.clock.advance(A_MINUTE)

    await start(ask, token, address)
    second = (await letterbox.only()).code
    for _ in range(3):
        await look(ask, token)
    confirmed = await confirm(ask, token, f" {second[:3]} {second[3:]} ", address.upper())

    assert (await complete(ask, confirmed["registrationToken"]))["session"]
    # zitadel/zitadel#9860, #10929


async def test_accepting_and_signing_in_send_no_further_mail(world: World, ask: Ask, letterbox: Letterbox) -> None:
    portal, ann = await world.portal(), await world.portal_admin()
    await invited(ask, ann, portal, invitee("quiet"))
    token = (await letterbox.only()).token

    assert await accepted(ask, token)
    assert await enters(ask, "quiet@acme.test", portal)

    assert await letterbox.emptied() == []
    # zitadel/zitadel#10724


async def test_resending_to_a_mixed_selection_mails_only_those_who_wait(
    world: World, ask: Ask, letterbox: Letterbox
) -> None:
    portal, ann = await world.portal(), await world.portal_admin()
    (waits,) = await invited(ask, ann, portal, invitee("waits"))
    (staged,) = await added(ask, ann, portal, invitee("staged"))
    active, off = await world.user(), await world.user(status=Status.DEACTIVATED)
    await letterbox.emptied()
    world.clock.advance(A_MINUTE)

    payload = await ask.act("resendVerifications", ann, active, waits, staged, off, waits)

    assert reasons(payload) == ["ALREADY_VERIFIED", None, "NOT_INVITED", "INACTIVE", "DUPLICATE_IN_REQUEST"]
    assert [letter.recipient for letter in await letterbox.emptied()] == ["waits@acme.test"]
    # logto-io/logto PR 5601, alkem-io/client-web#8812


async def test_inviting_a_pending_invitee_again_mails_and_keeps_the_first_link(
    world: World, ask: Ask, letterbox: Letterbox
) -> None:
    portal, ann, twice = await world.portal(), await world.portal_admin(), invitee("twice")
    await invited(ask, ann, portal, twice)
    first = (await letterbox.only()).token
    at_once = await invite_new(ask, ann, portal, twice)
    world.clock.advance(A_MINUTE)

    later = await invite_new(ask, ann, portal, twice)
    second = (await letterbox.only()).token

    assert reasons(at_once) + reasons(later) == ["COOLDOWN", None]
    assert {(await look(ask, token))["state"] for token in (first, second)} == {"PENDING"}
    assert await accepted(ask, first)
    # toeverything/AFFiNE#4176


async def test_an_invitation_is_taken_back_by_another_admin(world: World, ask: Ask, letterbox: Letterbox) -> None:
    portal, ann = await world.portal(), await world.portal_admin()
    technician = await world.technician(portal)
    (bob,) = await invited(ask, ann, portal, invitee("takeback"))
    token = (await letterbox.only()).token

    payload = await ask.act("deleteUsers", technician, bob)

    assert (reasons(payload), await look(ask, token)) == ([None], None)
    # discourse/discourse PR 34064


async def test_inviting_a_deactivated_user_says_that_the_user_is_inactive(
    world: World, ask: Ask, letterbox: Letterbox
) -> None:
    portal, ann = await world.portal(), await world.portal_admin()
    await world.user(email="deact@acme.test", status=Status.DEACTIVATED)

    payload = await invite_new(ask, ann, portal, invitee("deact"))

    assert reasons(payload) == ["INACTIVE"]
    assert await letterbox.emptied() == []
    # coolfiresolutions/core-service-desk#71


async def test_all_expired_invitations_are_sent_again_by_one_previewed_call(
    world: World, ask: Ask, letterbox: Letterbox
) -> None:
    portal, ann = await world.portal(), await world.portal_admin()
    await invited(ask, ann, portal, *[invitee(f"all{n}") for n in range(4)])
    await letterbox.emptied()
    world.clock.advance(EIGHT_DAYS)
    bea = await world.portal_admin()
    expired = matching(filter={"invitationStateIn": ["EXPIRED"]})

    seen = await act(ask, "resendVerifications", bea, expired, dryRun=True)
    mailed_by_the_preview = await letterbox.emptied()
    run = await act(ask, "resendVerifications", bea, previewed(seen))
    letters = await letterbox.emptied()
    again = await act(ask, "resendVerifications", bea, previewed(seen))

    assert (seen["summary"]["succeeded"], mailed_by_the_preview, run["summary"]["succeeded"]) == (4, [], 4)
    assert [await accepted(ask, letter.token) for letter in letters] == [True] * 4
    assert [error["code"] for error in again["errors"]] == ["PREVIEW_EXPIRED"]
    # alkem-io/client-web#8812, langwatch/langwatch#6778
