"""Dead mails (mails that were given up): the operator lists them, and sends those again that are still valid."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models.mail.table import MailState
from models.tables import OutboxMail
from rules.mail.kinds import MailKind
from services.mail import dead_letters, notifications
from services.mail.dead_letters import RetryResult, mask_recipient
from services.mail.notifications import Notification
from services.mail.outbox import Outbox
from services.passwords import password_reset
from tests.support.mail.sending import post
from tests.support.world import TestClock, World


async def given_up(world: World, number: int = 1) -> list[OutboxMail]:
    """Create `number` dead mails for password resets."""
    await post(world, *await world.users(number))
    await OutboxMail.all().update(state="DEAD", attempts=12, problem="refused-550", finished_at=world.clock.now())
    return await OutboxMail.all().order_by("id")


@pytest.mark.parametrize("named", [True, False])
async def test_a_dead_letter_is_sent_again_as_if_it_had_never_been_tried(
    world: World, clock: TestClock, named: bool
) -> None:
    (mail,) = await given_up(world)
    clock.advance(timedelta(hours=1))

    answers = await dead_letters.retry(world.parts.runtime, [mail.id] if named else None)

    assert answers == {mail.id: RetryResult.QUEUED}
    claimed = await Outbox(world.parts.runtime, lambda: 0.0, answer_request=password_reset.answer_next).take()
    assert claimed
    assert (claimed.mail.id, claimed.mail.attempts, claimed.mail.problem) == (mail.id, 1, None)


async def test_a_mail_whose_link_is_dead_cannot_be_sent_again(world: World, clock: TestClock) -> None:
    (mail,) = await given_up(world)
    clock.advance(timedelta(hours=24))

    answers = await dead_letters.retry(world.parts.runtime, None)

    assert answers == {mail.id: RetryResult.LINK_DEAD}
    assert [row.state for row in await OutboxMail.all()] == ["DEAD"]


async def test_a_notice_has_no_link_that_could_be_dead(world: World, clock: TestClock) -> None:
    bob = await world.user()
    row = await world.row(bob)
    assert row
    notice = Notification(row, MailKind.PASSWORD_CHANGED, "bob@acme.test", "once")
    await world.parts.runtime.transactions.run(
        lambda: notifications.enqueue_notifications(world.parts.runtime, [notice], clock.now())
    )
    await OutboxMail.all().update(state="DEAD")
    clock.advance(timedelta(days=300))

    assert list((await dead_letters.retry(world.parts.runtime, None)).values()) == [RetryResult.QUEUED]


async def test_what_is_no_dead_letter_is_left_alone(world: World) -> None:
    (mail,) = await given_up(world)
    await OutboxMail.all().update(state="SENT")
    unknown = world.parts.runtime.new_id()

    answers = await dead_letters.retry(world.parts.runtime, [mail.id, unknown])

    assert answers == {mail.id: RetryResult.NOT_DEAD, unknown: RetryResult.UNKNOWN}
    assert [row.state for row in await OutboxMail.all()] == ["SENT"]


async def test_mails_are_listed_by_state_oldest_first_with_unreadable_recipients(
    world: World, clock: TestClock
) -> None:
    first, second = await given_up(world, 2)
    clock.advance(timedelta(minutes=2))

    listed = await dead_letters.list_mails(world.parts.runtime, MailState.DEAD, 10)

    assert [(mail.id, mail.attempts, mail.problem, mail.age_seconds) for mail in listed] == [
        (first.id, 12, "refused-550", 120),
        (second.id, 12, "refused-550", 120),
    ]
    assert first.recipient not in repr(listed)
    assert len(await dead_letters.list_mails(world.parts.runtime, MailState.DEAD, 1)) == 1
    assert await dead_letters.list_mails(world.parts.runtime, MailState.QUEUED, 10) == []


@pytest.mark.parametrize(
    ("address", "shown"),
    [("ann@acme.test", "a…@acme.test"), ("@x", "…@x"), ("none", "…"), ('"a@b"@c.test', '"…@c.test')],
)
def test_of_an_address_only_the_domain_is_shown(address: str, shown: str) -> None:
    assert mask_recipient(address) == shown
