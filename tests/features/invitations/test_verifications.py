"""The mutation resendVerifications, which mails users a new link for verifying their e-mail address."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from models.tables import LinkToken, PortalUser
from rules.lifecycle.statuses import CATEGORY, Category, Status
from rules.text.folding import login_key
from tests.support.mail.mailed import Queued, link, living, mail_to, nothing_is_queued, tokens
from tests.support.world import Ask, Person, TestClock, World
from tests.support.world.answers import reason, reasons, standing

A_MINUTE = timedelta(minutes=1)
AN_INSTANT = timedelta(milliseconds=1)
CONFIRMED = [status for status in Status if CATEGORY[status] is not Category.UNCONFIRMED]
OPEN_TO_MAIL = [Status.ACTIVE, Status.AWAITING_NEW_PASSWORD, Status.RECOVERY, Status.LOCKED_OUT]


async def with_pending(world: World, address: str = "new@acme.test", **given: Any) -> Person:
    """Return a user with a changed e-mail address that is not verified yet."""
    person = await world.user(**given)
    await PortalUser.filter(id=person.id).update(pending_email=address, pending_email_key=login_key(address))
    return person


async def test_an_invited_user_is_sent_a_new_mail_and_the_old_link_is_dead(
    world: World, ask: Ask, clock: TestClock
) -> None:  # K2, L11, T17, W8
    ann, bob = await world.portal_admin(), await world.user(status=Status.PROVISIONED, email="bob@acme.test")
    first = await ask.act("resendVerifications", ann, bob)
    clock.advance(A_MINUTE)

    again = await ask.act("resendVerifications", ann, bob)

    assert standing(first) == standing(again) == [("PROVISIONED", "PROVISIONED")]
    assert await mail_to(bob) == [Queued("INVITATION", "bob@acme.test", "QUEUED")] * 2
    assert await living(world, bob) == [False, True]
    assert [(await link(token)).purpose for token in await tokens(world, bob)] == ["INVITATION"] * 2


@pytest.mark.parametrize(("policy", "hours"), [({}, 168), ({"invitation_ttl_hours": 5}, 5)])
async def test_an_invitation_lives_seven_days_or_as_long_as_the_portal_says(
    world: World, ask: Ask, clock: TestClock, policy: dict[str, Any], hours: int
) -> None:  # W9
    await world.portal(**policy)
    ann, bob = await world.portal_admin(), await world.user(status=Status.PROVISIONED)

    await ask.act("resendVerifications", ann, bob)

    end = clock.now() + timedelta(hours=hours)
    assert [await living(world, bob, at) for at in (end - AN_INSTANT, end)] == [[True], [False]]


@pytest.mark.parametrize("status", OPEN_TO_MAIL)
async def test_a_changed_address_is_verified_by_a_new_mail_to_it_and_to_no_other(
    world: World, ask: Ask, clock: TestClock, status: Status
) -> None:  # K25
    ann, bob = await world.portal_admin(), await with_pending(world, "new@acme.test", status=status)
    await ask.act("resendVerifications", ann, bob)
    clock.advance(A_MINUTE)

    payload = await ask.act("resendVerifications", ann, bob)

    assert standing(payload) == [(status, status)]
    assert await mail_to(bob) == [Queued("VERIFY_EMAIL", "new@acme.test", "QUEUED")] * 2
    assert await living(world, bob) == [False, True]


@pytest.mark.parametrize("status", OPEN_TO_MAIL)
async def test_an_already_verified_user_gets_no_mail(world: World, ask: Ask, status: Status) -> None:  # K14
    ann, bob = await world.portal_admin(), await world.user(status=status)

    payload = await ask.act("resendVerifications", ann, bob)

    assert (reason(payload), standing(payload)) == ("ALREADY_VERIFIED", [(status, status)])
    assert await nothing_is_queued()


@pytest.mark.parametrize("status", [Status.SUSPENDED, Status.DEACTIVATED])
async def test_an_inactive_user_gets_no_mail_not_even_for_a_changed_address(
    world: World, ask: Ask, status: Status
) -> None:  # K15
    ann = await world.portal_admin()
    people = [await world.user(status=status), await with_pending(world, status=status)]

    payload = await ask.act("resendVerifications", ann, *people)

    assert reasons(payload) == ["INACTIVE"] * 2
    assert await nothing_is_queued()


async def test_a_user_who_was_never_invited_is_to_be_invited_instead(world: World, ask: Ask) -> None:  # L11
    ann, bob = await world.portal_admin(), await world.user(status=Status.STAGED)

    payload = await ask.act("resendVerifications", ann, bob)

    told = payload["outcomes"][0]["reason"]
    assert (told["code"], told["suggestedAction"]) == ("NOT_INVITED", "INVITE")
    assert await nothing_is_queued()


async def test_a_user_without_an_address_gets_no_mail(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await world.user(status=Status.PROVISIONED, email=None)

    payload = await ask.act("resendVerifications", ann, bob)

    assert reason(payload) == "NO_EMAIL"
    assert await nothing_is_queued()


async def test_a_summary_says_who_got_the_mail_who_did_not_and_why(world: World, ask: Ask) -> None:  # K16, K3
    ann = await world.portal_admin()
    mailed = [await world.user(status=Status.PROVISIONED), await with_pending(world)]
    unmailed = [await world.user(status=status) for status in (Status.ACTIVE, Status.ACTIVE, Status.DEACTIVATED)]

    payload = await ask.act("resendVerifications", ann, unmailed[0], mailed[0], *unmailed[1:], mailed[1], "unknown")

    verified, inactive, missing = "ALREADY_VERIFIED", "INACTIVE", "NOT_FOUND"
    assert reasons(payload) == [verified, None, verified, inactive, None, missing]
    assert payload["summary"] == {
        **{"requested": 6, "succeeded": 2, "skipped": 4, "failed": 0},
        "byReason": [{"code": verified, "count": 2}, {"code": inactive, "count": 1}, {"code": missing, "count": 1}],
    }
    assert all(
        name.isprintable() and outcome["reason"]["message"].startswith(name)
        for outcome in payload["outcomes"]
        if (name := outcome["label"]) and outcome["reason"]
    )
    assert [len(await mail_to(person)) for person in (*mailed, *unmailed)] == [1, 1, 0, 0, 0]


async def test_the_summary_can_be_read_again_later(world: World, ask: Ask) -> None:  # K16
    ann, invited, active = await world.portal_admin(), await world.user(status=Status.PROVISIONED), await world.user()
    payload = await ask.act("resendVerifications", ann, invited, active)
    document = """
    query ($id: ID!) {
      node(id: $id) { ... on BulkOperation {
        summary { succeeded skipped byReason { code count } }
        outcomes { nodes { userId label status reason { code message retryable retryAt suggestedAction params { name value } } } }
      } }
    }
    """

    later = (await ask(document, actor=ann, id=payload["operation"]["id"])).data["node"]

    assert later["summary"] == {name: payload["summary"][name] for name in later["summary"]}
    names = ("userId", "label", "status", "reason")
    assert later["outcomes"]["nodes"] == [{name: o[name] for name in names} for o in payload["outcomes"]]


async def test_one_verification_mail_a_minute_goes_to_a_user(world: World, ask: Ask, clock: TestClock) -> None:
    ann, bob = await world.portal_admin(), await world.user(status=Status.PROVISIONED)
    await ask.act("resendVerifications", ann, bob)
    clock.advance(A_MINUTE - AN_INSTANT)

    early = await ask.act("resendVerifications", ann, bob)
    clock.advance(AN_INSTANT)
    in_time = await ask.act("resendVerifications", ann, bob)

    told = early["outcomes"][0]["reason"]
    assert (told["code"], told["retryable"], told["retryAt"]) == ("COOLDOWN", True, "2026-03-01T09:01:00.000Z")
    assert reason(in_time) is None
    assert await LinkToken.filter(user_id=bob.id).count() == 2


async def test_mails_of_another_kind_do_not_wait_for_each_other(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await with_pending(world)

    answers = [await ask.act(name, ann, bob) for name in ("resendVerifications", "resetPasswords")]

    assert [reason(payload) for payload in answers] == [None, None]
    assert [mail.kind for mail in await mail_to(bob)] == ["VERIFY_EMAIL", "PASSWORD_RESET"]
    assert await living(world, bob) == [True, True]


async def test_no_verification_goes_to_the_users_of_an_inactive_portal(world: World, ask: Ask) -> None:
    portal = await world.portal(is_active=False)
    nora, bob = await world.mssp_admin(), await world.user(portal, status=Status.PROVISIONED)

    payload = await ask.act("resendVerifications", nora, bob)

    assert reason(payload) == "PORTAL_INACTIVE"
    assert await nothing_is_queued()


@pytest.mark.parametrize("status", CONFIRMED)
async def test_a_mail_changes_nothing_in_the_user(world: World, ask: Ask, clock: TestClock, status: Status) -> None:
    ann, bob = await world.portal_admin(), await with_pending(world, status=status)
    before = await world.row(bob)
    clock.advance(A_MINUTE)

    await ask.act("resendVerifications", ann, bob)

    after = await world.row(bob)
    assert before
    assert after
    assert after._replace(verification_mailed_at=None) == before
