"""E-mail addresses: which spellings are equal, which addresses are taken, and where their mail is sent."""

from __future__ import annotations

from datetime import timedelta
from unicodedata import normalize

import pytest

from models.tables import PortalUser
from rules.lifecycle.statuses import Status
from tests.features.account.editing import code, update
from tests.features.account.own_account import ALWAYS, call, forgot
from tests.features.invitations.inviting import invite_new
from tests.public_cases.letterbox import Letterbox
from tests.public_cases.steps import accepted, column, enters, found, invited, invitee
from tests.support.world import PASSWORD, Ask, World
from tests.support.world.answers import reasons

A_MINUTE = timedelta(minutes=1)


async def test_one_address_in_other_capitals_is_one_user(world: World, ask: Ask) -> None:
    portal, ann = await world.portal(), await world.portal_admin(email="ann@msp.test")
    one, other = invitee("x", email="Naresh.K@Acme.test"), invitee("x", email="naresh.k@acme.TEST")

    together = await invite_new(ask, ann, portal, one, other)
    later = await invite_new(ask, ann, portal, invitee("x", email="NARESH.K@ACME.TEST"), delivery="NONE")

    assert (reasons(together), len(later["outcomes"])) == ([None, "DUPLICATE_IN_REQUEST"], 1)
    assert await PortalUser.filter(email_key__startswith="naresh").count() == 1
    # kolide/fleet#299, hyperdxio/hyperdx#1482, appirio-tech/connect-app#3002, openforis/arena#1874


@pytest.mark.parametrize("typed", ["first.last@acme.test", "FIRST.LAST@ACME.TEST", " First.Last@acme.test \t"])
async def test_an_address_invited_in_capitals_signs_in_in_any_case(
    world: World, ask: Ask, letterbox: Letterbox, typed: str
) -> None:
    portal, ann = await world.portal(), await world.portal_admin()
    await invited(ask, ann, portal, invitee("x", email="First.Last@Acme.test"))

    assert await accepted(ask, (await letterbox.only()).token)
    assert await enters(ask, typed, portal)
    # outline/outline#3364, dani-garcia/vaultwarden#2036, zammad/zammad#893, jasperweyne/helpless-kiwi#49


async def test_blanks_around_a_pasted_address_are_dropped(world: World, ask: Ask) -> None:
    portal, ann = await world.portal(), await world.portal_admin(email="ann@msp.test")
    pasted = ["  sp1@acme.test ", "\u00a0sp2@acme.test\u3000", "\tsp3@acme.test\n"]

    await invited(ask, ann, portal, *[invitee("x", email=text, firstName="\u00a0Sp ") for text in pasted])

    assert await found(ask, ann, "acme", "email") == {"sp1@acme.test", "sp2@acme.test", "sp3@acme.test"}
    assert await found(ask, ann, "sp1", "firstName") == {"Sp"}
    # buildkite/feedback#40, keybase/keybase-issues#1300, auth0/lock#223


LOCAL_PARTS = ["o'neill", "under_score", "plus+tag", "a/b=c", "x!y", "dash-ed", "1234", "a"]


@pytest.mark.parametrize("local", LOCAL_PARTS)
async def test_an_address_with_marks_is_invited_accepts_signs_in_and_is_found(
    world: World, ask: Ask, letterbox: Letterbox, local: str
) -> None:
    portal, ann = await world.portal(), await world.portal_admin(email="ann@msp.test")
    address = f"{local}@acme.test"
    await invited(ask, ann, portal, invitee(local))

    letter = await letterbox.only()

    assert letter.recipient == address
    assert await accepted(ask, letter.token)
    assert await enters(ask, address, portal)
    assert await found(ask, ann, address, "email") == {address}
    # matomo-org/matomo#14205, collectiveaccess/providence#347, umbraco/Umbraco.Cloud.Issues#727


async def test_unusual_valid_domains_are_taken(world: World, ask: Ask) -> None:
    portal, ann = await world.portal(), await world.portal_admin()
    domains = ["ge.mba", "mail.co.uk", "a.museum", "xn--bcher-kva.test", "s1.s2.s3.test", "1-2.test", "x.technology"]

    payload = await invite_new(ask, ann, portal, *[invitee("x", email=f"u@{domain}") for domain in domains])

    assert reasons(payload) == [None] * len(domains)
    # onyx-dot-app/onyx#4358


TO_DOMAINS = {
    "i@faß.test": "xn--fa-hia.test",
    "i@βόλος.test": "xn--nxasmm1c.test",
    "i@bücher.test": "xn--bcher-kva.test",
    "i@нэр.test": "xn--m1ag2b.test",
    "j@xn--fa-hia.test": "xn--fa-hia.test",
}


async def test_an_invitation_goes_to_the_domain_that_was_typed(world: World, ask: Ask, letterbox: Letterbox) -> None:
    portal, ann = await world.portal(), await world.portal_admin()
    await invited(ask, ann, portal, *[invitee("x", email=address) for address in TO_DOMAINS])

    letters = await letterbox.emptied()

    assert sorted(letter.recipient.partition("@")[2] for letter in letters) == sorted(TO_DOMAINS.values())
    # ubports/morph-browser#377, twingly/twingly-url#101, internetstandards/Internet.nl#507


LOOK_ALIKES = [
    "m\u0131ke.kim@acme.test",
    "mi\u212ae.kim@acme.test",
    "m\u0130ke.kim@acme.test",
    "\uff4dike.kim@acme.test",
    "mike.kim@ac\u204eme.test",
]


@pytest.mark.parametrize("typed", LOOK_ALIKES)
async def test_a_reset_asked_for_in_look_alike_letters_mails_no_stranger(
    world: World, ask: Ask, letterbox: Letterbox, typed: str
) -> None:
    portal = await world.portal()
    await world.user(email="mike.kim@acme.test", password=PASSWORD)

    payload = await forgot(ask, portal, typed)

    assert payload == ALWAYS
    assert {letter.recipient for letter in await letterbox.emptied()} <= {"mike.kim@acme.test"}
    # keycloak/keycloak#52664, OrchardCMS/OrchardTest#1521, w3c/charmod-norm#124


async def test_an_address_beyond_ascii_is_invited_accepts_and_signs_in(
    world: World, ask: Ask, letterbox: Letterbox
) -> None:
    portal, ann = await world.portal(), await world.portal_admin()
    await invited(ask, ann, portal, invitee("josé"))

    letter = await letterbox.only()

    assert letter.recipient == "josé@acme.test"
    assert await accepted(ask, letter.token)
    for typed in ("josé@acme.test", "JOSÉ@acme.test", normalize("NFD", "josé@acme.test")):
        assert await enters(ask, typed, portal)
    # pallets-eco/flask-mail#28, cole/aiosmtplib#94


INVISIBLE = {
    "combining grapheme joiner": "uns\u034feen@acme.test",
    "variation selector": "unseen\ufe0f@acme.test",
    "Hangul filler": "unseen\u3164@acme.test",
    "Braille blank": "unseen\u2800@acme.test",
    "Khmer inherent vowel": "unseen\u17b4@acme.test",
}


async def test_an_address_with_an_invisible_mark_is_refused(world: World, ask: Ask) -> None:
    portal, ann = await world.portal(), await world.portal_admin()
    await world.user(email="unseen@acme.test")

    payload = await invite_new(ask, ann, portal, *[invitee("x", email=address) for address in INVISIBLE.values()])

    assert reasons(payload) == ["INVALID_EMAIL"] * len(INVISIBLE)
    # Kroc/NoNonsenseForum#175, antiwork/gumroad PR 6522, Expensify/App PR 96468


async def test_the_second_user_who_wants_a_waiting_address_is_refused_and_unharmed(world: World, ask: Ask) -> None:
    portal, ann = await world.portal(), await world.portal_admin()
    first, second = await world.users(2, password=PASSWORD)
    await update(ask, ann, first, email="wanted@acme.test")

    payload = await update(ask, ann, second, email="WANTED@acme.test")

    assert code(payload) == "EMAIL_TAKEN"
    assert await enters(ask, second.login, portal, PASSWORD)
    # CitizenLabDotCo/citizenlab PR 8370


async def test_an_invitee_s_corrected_address_kills_the_wrong_mailbox_s_link(
    world: World, ask: Ask, letterbox: Letterbox
) -> None:
    portal, ann = await world.portal(), await world.portal_admin()
    (bob,) = await invited(ask, ann, portal, invitee("typpo"))
    wrong = (await letterbox.only()).token

    await update(ask, ann, bob, email="typo@acme.test")
    world.clock.advance(A_MINUTE)
    await ask.act("resendVerifications", ann, bob)
    right = await letterbox.only()

    assert (await accepted(ask, wrong), right.recipient) == (False, "typo@acme.test")
    assert await accepted(ask, right.token)
    assert await column(ask, ann, "username", search="typo") == ["typo@acme.test"]
    # toeverything/AFFiNE#4176, dust-tt/dust PR 2496


async def test_a_mistyped_own_address_locks_no_owner_out(world: World, ask: Ask, letterbox: Letterbox) -> None:
    portal = await world.portal()
    bob = await world.user(email="bob@acme.test", password=PASSWORD)
    await call(ask, "changeEmail", actor=bob, email="bbo@acme.test", currentPassword=PASSWORD)
    told = {letter.recipient for letter in await letterbox.emptied()}

    meanwhile = await enters(ask, bob.login, portal, PASSWORD)
    await call(ask, "cancelEmailChange", actor=bob)

    assert told == {"bob@acme.test", "bbo@acme.test"}
    assert (meanwhile, await enters(ask, bob.login, portal, PASSWORD)) == (True, True)
    assert await world.status(bob) is Status.ACTIVE
    # hydroshare/hydroshare#49, FlowFuse/flowfuse#813, Automattic/wp-calypso#94247
