"""The contents and recipients of mails, and how long their links are valid."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest

from rules.lifecycle.statuses import Status
from tests.features.account.own_account import NEW_PASSWORD, call, code_of, forgot, reset
from tests.features.invitations.inviting import invite_new
from tests.features.invitations.inviting import preview as look
from tests.public_cases.letterbox import Letterbox
from tests.public_cases.steps import accepted, enters, invited, invitee
from tests.support.world import PASSWORD, Ask, World
from tests.support.world.answers import reason

A_MINUTE = timedelta(minutes=1)
NAMES = ['Lukas Böhm (田中), "Q" <x@y>', "Зоя; bcc: a@b.c"]


@pytest.mark.parametrize("name", NAMES)
async def test_mail_to_an_unusual_name_is_ascii_on_the_wire_and_readable(
    world: World, ask: Ask, letterbox: Letterbox, name: str
) -> None:
    portal, ann = await world.portal(), await world.portal_admin()
    await invited(ask, ann, portal, invitee("hd", firstName=name))

    letter = await letterbox.only()

    assert letter.content.isascii()
    assert max(map(len, letter.content.split(b"\n"))) <= 998
    assert (letter.message["To"], letter.message["Cc"], letter.message["Bcc"]) == ("hd@acme.test", None, None)
    words = [word for word in re.findall(r"\w{2,}", name) if len(word) > 1]
    assert all(word in letter.text for word in words)
    # sabuhish/fastapi-mail#316, cole/aiosmtplib#94, zulip/zulip#39649


async def test_markup_in_an_invitee_s_name_stays_text(world: World, ask: Ask, letterbox: Letterbox) -> None:
    portal, ann = await world.portal(), await world.portal_admin()
    name = '</div><a href="https://attacker.example/x">Verify</a><img src=x onerror=alert(1)>'
    await invited(ask, ann, portal, invitee("xss", firstName=name))

    letter = await letterbox.only()

    assert not [link for link in re.findall(r'href="([^"]+)"', letter.html) if "attacker" in link]
    assert "<img" not in letter.html
    # multica-ai/multica#1117, stacks-network/stacks-core#1811, mcdonc/klangk#878


async def test_a_web_address_as_a_name_is_no_web_address_in_the_mail(
    world: World, ask: Ask, letterbox: Letterbox
) -> None:
    portal, ann = await world.portal(), await world.portal_admin()
    name = {
        "firstName": "Your account is at risk! Sign in at https://evil.example/login",
        "lastName": "www.evil.example",
    }
    await invited(ask, ann, portal, invitee("phish", **name))

    letter = await letterbox.only()

    assert not re.search(r"(https?://|www\.)\S*evil|\bevil\.example", f"{letter.text} {unescape(letter.html)}")
    # Unleash/unleash PR 2307, Kilo-Org/cloud PR 4088, langfuse/langfuse PR 6703


@pytest.mark.parametrize("name", ["A\r\nBcc: x@example.com", "A\nB", "A\u2028B", "A\x1b[31m"])
async def test_control_characters_in_a_name_are_refused(world: World, ask: Ask, name: str) -> None:
    portal, ann = await world.portal(), await world.portal_admin()

    assert reason(await invite_new(ask, ann, portal, invitee("nl", firstName=name))) == "INVALID_INPUT"
    # Hackademic/hackademic#125, mcdonc/klangk#878


async def test_a_line_break_in_an_address_is_refused(world: World, ask: Ask) -> None:
    portal, ann = await world.portal(), await world.portal_admin()

    payload = await invite_new(ask, ann, portal, invitee("x", email="nl@acme.test\r\nBcc: y@example.com"))

    assert reason(payload) == "INVALID_EMAIL"
    # Hackademic/hackademic#125


async def test_a_mail_scanner_that_opens_the_link_uses_nothing_up(world: World, ask: Ask, letterbox: Letterbox) -> None:
    portal, ann = await world.portal(), await world.portal_admin()
    await invited(ask, ann, portal, invitee("scan"))
    letter = await letterbox.only()
    page, _, token = letter.link.partition("#token=")

    looks = [(await look(ask, token))["state"] for _ in range(5)]

    assert looks == ["PENDING"] * 5
    assert "?" not in page
    assert token not in page
    assert await accepted(ask, token)
    # authelia/authelia#2994, pkp/pkp-lib#8392, calzoneman/sync#871


async def test_a_reset_asked_for_twice_opens_by_the_link_of_either_mail(
    world: World, ask: Ask, letterbox: Letterbox
) -> None:
    portal = await world.portal()
    bob = await world.user(email="two@acme.test", password=PASSWORD)
    await forgot(ask, portal, "two@acme.test")
    first = await letterbox.only()
    world.clock.advance(A_MINUTE)

    await forgot(ask, portal, "two@acme.test")
    second = await letterbox.only()

    assert second.token == first.token
    assert code_of(await reset(ask, second.token)) is None
    assert code_of(await reset(ask, first.token)) == "INVALID_TOKEN"
    assert await enters(ask, bob.login, portal, NEW_PASSWORD)
    # parallaxinc/BlocklyProp#1439, mozilla/persona#695, hypothesis/h#1932, NodeBB/NodeBB#6242


async def test_an_accepted_invitation_sets_no_password_a_second_time(
    world: World, ask: Ask, letterbox: Letterbox
) -> None:
    portal, ann = await world.portal(), await world.portal_admin()
    await invited(ask, ann, portal, invitee("once"))
    token = (await letterbox.only()).token
    await accepted(ask, token)

    again = await accepted(ask, token, NEW_PASSWORD)

    assert (again, await enters(ask, "once@acme.test", portal, NEW_PASSWORD)) == (False, False)
    # natlas/natlas#136, techx/quill#6


async def test_a_changed_password_kills_a_reset_that_is_under_way(world: World, ask: Ask, letterbox: Letterbox) -> None:
    portal = await world.portal()
    bob = await world.user(email="chg@acme.test", password=PASSWORD)
    await forgot(ask, portal, "chg@acme.test")
    token = (await letterbox.only()).token

    changed = await call(ask, "changePassword", actor=bob, currentPassword=PASSWORD, newPassword=NEW_PASSWORD)

    assert code_of(changed) is None
    assert code_of(await reset(ask, token, "nine green umbrellas 77")) == "INVALID_TOKEN"
    # indico/indico PR 5878, rubygems/rubygems.org PR 4558


async def test_asking_for_a_reset_answers_the_same_for_every_address(
    world: World, ask: Ask, letterbox: Letterbox
) -> None:
    portal = await world.portal()
    await world.user(email="known@acme.test", password=PASSWORD)
    await world.user(email="off@acme.test", password=PASSWORD, status=Status.DEACTIVATED)
    await world.user(email="invited@acme.test", status=Status.PROVISIONED)
    typed = ["known@acme.test", "off@acme.test", "invited@acme.test", "unknown@acme.test", "not an address"]

    answers = [await forgot(ask, portal, address) for address in typed]

    assert all(answer == answers[0] for answer in answers)
    assert [letter.recipient for letter in await letterbox.emptied()] == ["known@acme.test"]
    # keycloak/keycloak#39485, #43751, zitadel/zitadel#9746, grafana/grafana#7619


async def test_an_invitation_says_which_admin_invites(world: World, ask: Ask, letterbox: Letterbox) -> None:
    portal = await world.portal()
    ann = await world.portal_admin(first_name="Ann", last_name="Archer")
    await invited(ask, ann, portal, invitee("inv"))

    letter = await letterbox.only()

    assert "Ann Archer" in letter.text
    assert "Ann Archer" in unescape(letter.html)
    # DalgoT4D/webapp#213


async def test_a_user_asks_again_for_an_admin_s_lost_reset_and_ends_it(
    world: World, ask: Ask, letterbox: Letterbox
) -> None:
    portal, ann = await world.portal(), await world.portal_admin()
    bob = await world.user(email="lost@acme.test", password=PASSWORD)
    await ask.act("resetPasswords", ann, bob)
    await letterbox.emptied()  # the mail that is lost
    world.clock.advance(A_MINUTE)

    await forgot(ask, portal, "lost@acme.test")
    token = (await letterbox.only()).token

    assert code_of(await reset(ask, token)) is None
    assert await world.status(bob) is Status.ACTIVE
    assert await enters(ask, bob.login, portal, NEW_PASSWORD)
    # FreeUKGen/MyopicVicar#914, hypothesis/vision#156
