"""Mails that are no longer valid when they are sent or queued again, for example because their link was replaced."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from models.tables import OutboxMail, Portal, PortalUser, StaffMember
from rules.lifecycle.statuses import CATEGORY, Status
from rules.mail.kinds import PURPOSES, MailKind
from services.mail import dead_letters, notifications
from services.mail.dead_letters import RetryResult
from services.mail.outbox import Outbox
from services.passwords import password_reset
from tests.support.mail.sending import post, queued
from tests.support.world import Ask, Person, TestClock, World

STATUS_FOR = {MailKind.INVITATION: Status.PROVISIONED, MailKind.REGISTRATION_CODE: Status.PROVISIONED}
PENDING = "new@acme.test"


async def with_mail(world: World, kind: MailKind) -> Person:
    """Create a user, and queue a mail of the kind with a link or code for the user."""
    status = STATUS_FOR.get(kind, Status.ACTIVE)
    bob = await world.user(email="bob@acme.test", status=status)
    await PortalUser.filter(id=bob.id).update(pending_email=PENDING if kind is MailKind.VERIFY_EMAIL else None)
    await post(world, bob, kind=kind, to=PENDING if kind is MailKind.VERIFY_EMAIL else None)
    return bob


async def is_sent(world: World) -> bool:
    return await Outbox(world.parts.runtime, lambda: 1.0, answer_request=password_reset.answer_next).take() is not None


async def becomes(person: Person, status: Status) -> None:
    await PortalUser.filter(id=person.id).update(status=status, category=CATEGORY[status])


@pytest.mark.parametrize("kind", list(PURPOSES))
async def test_mail_of_which_everything_still_holds_is_sent(world: World, kind: MailKind) -> None:
    await with_mail(world, kind)

    assert await is_sent(world)


@pytest.mark.parametrize("kind", list(PURPOSES))
async def test_nothing_that_gives_access_is_sent_while_the_portal_is_inactive(world: World, kind: MailKind) -> None:
    bob = await with_mail(world, kind)
    await Portal.all().update(is_active=False)

    assert not await is_sent(world)
    mail = await queued(bob)
    assert (mail.state, mail.problem) == ("CANCELLED", "outdated portal-inactive")


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (MailKind.PASSWORD_RESET, Status.DEACTIVATED),
        (MailKind.PASSWORD_RESET, Status.SUSPENDED),
        (MailKind.INVITATION, Status.ACTIVE),
        (MailKind.REGISTRATION_CODE, Status.ACTIVE),
    ],
)  # K20
async def test_no_mail_is_sent_to_a_user_whose_status_does_not_allow_it_any_more(
    world: World, kind: MailKind, status: Status
) -> None:
    bob = await with_mail(world, kind)
    await becomes(bob, status)

    assert not await is_sent(world)


@pytest.mark.parametrize(
    ("kind", "columns"),
    [
        (MailKind.PASSWORD_RESET, {"email": "other@acme.test"}),
        (MailKind.INVITATION, {"email": "other@acme.test"}),
        (MailKind.VERIFY_EMAIL, {"pending_email": None}),
    ],
)
async def test_no_mail_is_sent_to_an_address_that_is_not_the_user_s_any_more(
    world: World, kind: MailKind, columns: dict[str, Any]
) -> None:
    bob = await with_mail(world, kind)
    await PortalUser.filter(id=bob.id).update(**columns)

    assert not await is_sent(world)


async def test_no_reset_is_sent_where_users_do_not_sign_in_by_password_any_more(world: World) -> None:  # K21
    await with_mail(world, MailKind.PASSWORD_RESET)
    await Portal.all().update(password_sign_in_enabled=False)

    assert not await is_sent(world)


async def test_no_reset_is_sent_to_staff_who_are_inactive(world: World, ask: Ask) -> None:
    nora = await world.mssp_admin()
    await ask("mutation ($e: String!) { requestPasswordReset(input: {email: $e}) { errors { code } } }", e=nora.login)
    await world.answer_resets()
    await StaffMember.filter(id=nora.id).update(is_active=False)

    assert not await is_sent(world)


async def warned(world: World, clock: TestClock) -> Person:
    """Create a user who will be suspended as idle in a week, and queue the warning."""
    portal = await world.portal(idle_suspend_days=90)
    bob, since = await world.user(portal, email="bob@acme.test"), clock.now() - timedelta(days=83)
    await PortalUser.filter(id=bob.id).update(idle_since=since, idle_warned_at=clock.now())
    row = await world.row(bob)
    assert row
    notices = notifications.notification_for(MailKind.IDLE_WARNING, row, "once", since + timedelta(days=90))
    await world.parts.runtime.transactions.run(
        lambda: notifications.enqueue_notifications(world.parts.runtime, notices, clock.now())
    )
    return bob


async def test_a_warning_that_is_still_true_is_sent(world: World, clock: TestClock) -> None:
    await warned(world, clock)

    assert await is_sent(world)


@pytest.mark.parametrize("change", ["signed in", "suspended", "policy is longer", "deadline is over"])
async def test_a_warning_that_is_not_true_any_more_is_not_sent(world: World, clock: TestClock, change: str) -> None:
    bob = await warned(world, clock)
    if change == "signed in":
        await PortalUser.filter(id=bob.id).update(idle_since=clock.now())
    elif change == "suspended":
        await becomes(bob, Status.SUSPENDED)
    elif change == "policy is longer":
        await Portal.all().update(idle_suspend_days=120)
    else:
        clock.advance(timedelta(days=7))

    assert not await is_sent(world)


async def test_a_dead_warning_that_is_false_by_now_is_not_queued_again(world: World, clock: TestClock) -> None:
    bob = await warned(world, clock)
    await OutboxMail.all().update(state="DEAD", queue_place=None, finished_at=clock.now())
    clock.advance(timedelta(days=60))
    await becomes(bob, Status.SUSPENDED)

    answers = await dead_letters.retry(world.parts.runtime, None)

    assert list(answers.values()) == [RetryResult.OUTDATED]
    assert (await queued(bob)).state == "DEAD"


@pytest.mark.parametrize(
    "kind", [MailKind.PASSWORD_CHANGED, MailKind.EMAIL_CHANGE_STARTED, MailKind.SECOND_FACTOR_CHANGED]
)
async def test_a_security_notice_is_sent_whatever_became_of_the_user(
    world: World, clock: TestClock, kind: MailKind
) -> None:
    bob = await world.user(email="bob@acme.test")
    row = await world.row(bob)
    assert row
    notices = notifications.notification_for(kind, row, "once")
    await world.parts.runtime.transactions.run(
        lambda: notifications.enqueue_notifications(world.parts.runtime, notices, clock.now())
    )
    await becomes(bob, Status.DEACTIVATED)
    await PortalUser.filter(id=bob.id).update(email="other@acme.test")

    assert await is_sent(world)
