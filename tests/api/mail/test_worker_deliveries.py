"""The mail worker delivers each queued mail once. Only after a crash, a mail can be delivered twice."""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from api.mail.rendering import TEMPLATES, MailRenderer
from models.mail.table import MailState
from models.tables import OutboxMail
from rules.lifecycle.statuses import Status
from rules.mail.kinds import MailKind
from services.email_addresses import named_mailbox
from tests.api.mail.working import AN_HOUR, states
from tests.support.databases.stored import places_of
from tests.support.mail.mailed import tokens
from tests.support.mail.sending import mail_worker, post, queued, send_all, transport
from tests.support.mail.smtp import MailServer, Misbehaviour
from tests.support.world import Ask, TestClock, World


async def test_an_admins_reset_arrives_with_the_link_that_was_stored_as_a_hash(
    world: World, ask: Ask, smtp: MailServer
) -> None:  # K2, K16
    ann, people = await world.portal_admin(), await world.users(3)

    payload = await ask.act("resetPasswords", ann, *people)
    await send_all(world, transport(smtp))

    assert [outcome["status"] for outcome in payload["outcomes"]] == ["SUCCEEDED"] * 3
    assert [mail.recipient for mail in smtp.received] == [(await world.row(bob)).email for bob in people]  # type: ignore[union-attr]
    assert [[mail.token] for mail in smtp.received] == [await tokens(world, bob) for bob in people]
    assert await states() == {"SENT": 3}


async def test_nothing_in_the_database_is_in_the_link_that_arrived(world: World, smtp: MailServer) -> None:
    bob = await world.user()

    await post(world, bob)
    assert (await places_of(*await tokens(world, bob))) == []
    await send_all(world, transport(smtp))

    (mail,) = smtp.received
    assert len(mail.token) == 43
    assert await places_of(mail.token, mail.link) == []


async def test_a_mail_refused_for_now_arrives_later_and_once(world: World, smtp: MailServer, clock: TestClock) -> None:
    ann, bob = await world.users(2)
    await post(world, ann)
    await post(world, bob)
    smtp.answer((await queued(ann)).recipient, "451 4.3.0 not now", "452 4.3.1 nor now")

    for _ in range(3):
        await send_all(world, transport(smtp))
        clock.advance(timedelta(minutes=1))

    assert [mail.recipient for mail in smtp.received] == [(await queued(who)).recipient for who in (bob, ann)]
    assert (await queued(ann)).attempts == 3
    assert await states() == {"SENT": 2}


async def test_a_mail_refused_for_good_is_tried_once_and_kept(world: World, smtp: MailServer, clock: TestClock) -> None:
    ann, bob = await world.users(2)
    await post(world, ann)
    await post(world, bob)
    address = (await queued(ann)).recipient
    smtp.answer(address, f"550 5.1.1 <{address}>: no such user", to="RCPT")

    await send_all(world, transport(smtp))
    clock.advance(AN_HOUR)
    await send_all(world, transport(smtp))

    assert smtp.tried.count(address) == 1
    mail = await queued(ann)
    assert (mail.state, mail.problem) == (MailState.DEAD, "550 5.1.1")
    assert await states() == {"DEAD": 1, "SENT": 1}


async def test_whatever_the_server_does_every_mail_arrives_once_and_with_one_message_id(
    world: World, smtp: MailServer, clock: TestClock
) -> None:
    people = await world.users(6)
    await post(world, *people)
    addresses = [(await queued(person)).recipient for person in people]
    smtp.answer(addresses[0], "421 4.3.2 closing", "450 4.2.0 busy", to="RCPT")
    smtp.answer(addresses[1], "451 4.3.0 not now")
    smtp.answer(addresses[2], Misbehaviour.HANG)
    smtp.answer(addresses[3], Misbehaviour.DROP)
    smtp.answer(addresses[4], Misbehaviour.DROP_AFTER)

    for _ in range(4):
        await send_all(world, transport(smtp, patience=1))
        clock.advance(AN_HOUR)

    assert Counter(mail.recipient for mail in smtp.received) == Counter(addresses)
    rows = {row.recipient: row.id for row in await OutboxMail.all()}
    assert {mail.recipient: mail.id for mail in smtp.received} == {
        address: f"<{rows[address]}@msp.test>" for address in addresses
    }
    assert await states() == {"SENT": 6}


@pytest.mark.parametrize("spoiled", ["address", "template"])
async def test_a_mail_that_cannot_be_rendered_is_dead_and_delays_no_other(
    world: World, smtp: MailServer, tmp_path: Path, spoiled: str
) -> None:
    address = "ann@acme.test\r\nRCPT TO:<eve@evil.test>"
    ann = await world.user(status=Status.PROVISIONED, email=address if spoiled == "address" else "ann@acme.test")
    bob = await world.user()
    shutil.copytree(TEMPLATES, tmp_path / "mail")
    if spoiled == "template":
        (tmp_path / "mail" / "invitation.j2").write_text("{% extends layout %}{% block what %}{{ nil }}{% endblock %}")
    await post(world, ann, kind=MailKind.INVITATION)
    await post(world, bob)
    written = MailRenderer(named_mailbox("gate@msp.test"), "https://front.test", tmp_path / "mail")
    way = transport(smtp)
    worker = mail_worker(world, lambda: way, written=written)

    with capture_logs() as logs:
        while await worker.send_next(way):
            pass
        await way.disconnect()

    assert [mail.recipient for mail in smtp.received] == [(await queued(bob)).recipient]
    mail = await queued(ann)
    assert (mail.state, mail.problem) == (
        MailState.DEAD,
        {"address": "bad-address", "template": "not-rendered"}[spoiled],
    )
    assert "ann@acme" not in repr(logs)


async def test_a_link_that_was_replaced_before_its_mail_went_out_is_not_mailed(
    world: World, ask: Ask, smtp: MailServer, clock: TestClock
) -> None:  # E10, L11
    ann, bob = await world.portal_admin(), await world.user()
    await ask.act("resetPasswords", ann, bob)
    clock.advance(timedelta(minutes=2))
    await ask.act("resetPasswords", ann, bob)

    await send_all(world, transport(smtp))

    assert [mail.token for mail in smtp.received] == (await tokens(world, bob))[1:]
    assert await states() == {"CANCELLED": 1, "SENT": 1}
