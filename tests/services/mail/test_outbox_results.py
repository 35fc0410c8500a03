"""The state of a mail that was sent, failed, refused or replaced."""

from __future__ import annotations

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from models.mail.table import MailState
from models.tables import OutboxMail, PortalUser
from services.mail.outbox import LEASE, MOST_ATTEMPTS, MailRefused, MailServerUnreachable, NotSent, Outbox
from services.passwords import password_reset
from tests.services.mail.taking import LATE, taken
from tests.support.mail.sending import post, queued
from tests.support.world import TestClock, World

AN_INSTANT = timedelta(milliseconds=1)


async def test_a_sent_mail_is_finished(world: World, outbox: Outbox, clock: TestClock) -> None:
    ann = await world.user()
    await post(world, ann)

    await outbox.record_sent(await taken(outbox))

    mail = await queued(ann)
    assert (mail.state, mail.finished_at) == (MailState.SENT, clock.now())
    assert [mail.problem, mail.lease, mail.queue_place] == [None, None, None]
    clock.advance(timedelta(days=1))
    assert await outbox.take() is None


async def test_a_mail_of_a_worker_that_died_is_anothers_when_the_lease_is_over(
    world: World, outbox: Outbox, clock: TestClock
) -> None:
    ann = await world.user()
    await post(world, ann)
    first = await taken(outbox)

    clock.advance(LEASE - AN_INSTANT)
    assert await outbox.take() is None
    clock.advance(AN_INSTANT)
    second = await taken(outbox)

    assert second.mail.id == first.mail.id
    assert second.token == first.token
    assert (first.mail.attempts, second.mail.attempts) == (1, 2)


async def test_a_worker_that_lost_the_lease_does_not_overwrite_another_s_result(
    world: World, outbox: Outbox, clock: TestClock
) -> None:
    ann = await world.user()
    await post(world, ann)
    slow = await taken(outbox)
    clock.advance(LEASE)
    quick = await taken(outbox)

    await outbox.record_failure(slow, MailRefused("550"))
    assert (await queued(ann)).state == MailState.QUEUED
    await outbox.record_sent(quick)
    with capture_logs() as logs:
        await outbox.record_failure(slow, MailRefused("550"))

    assert (await queued(ann)).state == MailState.SENT
    assert [line["event"] for line in logs] == ["mail.claim_lost"]


async def test_a_late_result_counts_if_no_other_worker_took_the_mail(
    world: World, outbox: Outbox, clock: TestClock
) -> None:
    ann = await world.user()
    await post(world, ann)
    claimed = await taken(outbox)
    clock.advance(LEASE * 2)

    await outbox.record_sent(claimed)

    assert (await queued(ann)).state == MailState.SENT


@pytest.mark.parametrize("error", [LATE, MailServerUnreachable("no-connection")])
async def test_a_failed_mail_is_tried_twelve_times_at_growing_intervals_up_to_an_hour(
    world: World, outbox: Outbox, clock: TestClock, error: NotSent
) -> None:
    ann = await world.user()
    await post(world, ann)
    pauses = []
    for _ in range(MOST_ATTEMPTS - 1):
        await outbox.record_failure(await taken(outbox), error)
        mail = await queued(ann)
        pauses.append((mail.due_at - clock.now()).total_seconds())
        clock.time = mail.due_at - AN_INSTANT
        assert await outbox.take() is None
        clock.advance(AN_INSTANT)

    await outbox.record_failure(await taken(outbox), error)

    assert pauses == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600, 3600]
    mail = await queued(ann)
    assert (mail.state, mail.problem, mail.attempts) == (MailState.DEAD, error.problem, 12)
    assert mail.finished_at == clock.now()
    clock.advance(timedelta(days=30))
    assert await outbox.take() is None


async def test_mails_that_failed_together_do_not_come_again_together(world: World, clock: TestClock) -> None:
    ann, bob = await world.users(2)
    await post(world, ann, bob)
    chances = iter([0.0, 0.5])
    outbox = Outbox(world.parts.runtime, jitter=lambda: next(chances), answer_request=password_reset.answer_next)

    for claimed in [await taken(outbox), await taken(outbox)]:
        await outbox.record_failure(claimed, LATE)

    rows = await OutboxMail.all().order_by("due_at")
    assert [(row.due_at - clock.now()).total_seconds() for row in rows] == [15, 22.5]


async def test_a_refused_mail_is_dead_at_once_and_kept_with_its_reason(world: World, outbox: Outbox) -> None:
    ann = await world.user()
    await post(world, ann)

    with capture_logs() as logs:
        await outbox.record_failure(await taken(outbox), MailRefused("550 5.1.1"))

    mail = await queued(ann)
    assert (mail.state, mail.problem, mail.attempts) == (MailState.DEAD, "550 5.1.1", 1)
    assert logs == [
        {
            "event": "mail.result",
            "mail_id": str(mail.id),
            "kind": "PASSWORD_RESET",
            "state": "DEAD",
            "attempts": 1,
            "problem": "550 5.1.1",
            "log_level": "warning",
        }
    ]


async def test_a_mail_that_kills_every_worker_is_given_up_and_costs_no_other_attempts(
    world: World, outbox: Outbox, clock: TestClock
) -> None:
    ann, bob = await world.users(2)
    await post(world, ann)

    for _ in range(MOST_ATTEMPTS):
        assert (await taken(outbox)).mail.user_id == ann.id
        clock.advance(LEASE)
    await post(world, bob)
    survivor = await taken(outbox)

    assert await outbox.take() is None
    assert (survivor.mail.user_id, survivor.mail.attempts) == (bob.id, 1)
    mail = await queued(ann)
    assert (mail.state, mail.problem) == (MailState.DEAD, "abandoned")


async def test_a_mail_whose_link_was_superseded_is_not_sent(world: World, outbox: Outbox) -> None:  # E10
    ann = await world.user()
    await post(world, ann)
    old = await queued(ann)
    await post(world, ann)

    claimed = await taken(outbox)

    assert claimed.mail.id != old.id
    await old.refresh_from_db()
    assert (old.state, old.problem) == (MailState.CANCELLED, "link-dead")
    assert await outbox.take() is None


async def test_a_mail_whose_link_has_expired_is_not_sent(world: World, outbox: Outbox, clock: TestClock) -> None:
    ann, bob = await world.users(2)
    await post(world, ann, lives=timedelta(hours=1))
    await post(world, bob, lives=timedelta(hours=1, milliseconds=1))
    clock.advance(timedelta(hours=1))

    assert (await taken(outbox)).mail.user_id == bob.id

    assert (await queued(ann)).state == MailState.CANCELLED


async def test_a_mail_to_a_deleted_user_is_gone_and_its_result_too(world: World, outbox: Outbox) -> None:  # K32, L12
    ann, bob = await world.users(2)
    await post(world, ann)
    await post(world, bob)
    claimed = await taken(outbox)

    await PortalUser.all().delete()
    await outbox.record_sent(claimed)

    assert await outbox.take() is None
    assert not await OutboxMail.exists()


async def test_nothing_that_is_written_down_about_a_mail_is_a_secret(world: World, outbox: Outbox) -> None:
    ann = await world.user(first_name="Annabel", email="annabel@acme.test")
    await post(world, ann)

    with capture_logs() as logs:
        claimed = await taken(outbox)
        await outbox.record_failure(claimed, LATE)

    assert claimed.link
    assert claimed.token
    told = f"{logs!r} {claimed!r}"
    assert str(claimed.mail.id) in told
    assert not [word for word in ("annabel", "Annabel", claimed.token, claimed.link.nonce) if word in told]
