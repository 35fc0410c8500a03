"""Mail is delivered to an SMTP server. Mails share a connection, and a refusal concerns one mail only."""

from __future__ import annotations

import pytest

from services.mail.outbox import MailRefused, MailServerUnreachable, NotSent
from tests.api.mail.smtp.transport import ANN, BOB, CAT, CONTENT, envelope, problem, way
from tests.support.mail.smtp import MailServer


async def test_a_mail_arrives_byte_by_byte(smtp: MailServer) -> None:
    transport = way(smtp)

    await transport.send(envelope())
    await transport.disconnect()

    (mail,) = smtp.received
    assert (mail.sender, mail.recipient) == ("gate@msp.test", ANN)
    assert mail.message.as_bytes() == CONTENT.replace(b"\r\n", b"\n")


async def test_mails_in_a_row_share_a_connection_which_is_given_up_when_there_are_no_more(smtp: MailServer) -> None:
    transport = way(smtp)
    for recipient in (ANN, BOB, CAT):
        await transport.send(envelope(recipient))
    assert smtp.connections == 1

    await transport.disconnect()
    await transport.disconnect()
    await transport.send(envelope())
    await transport.disconnect()

    assert smtp.connections == 2
    assert [mail.recipient for mail in smtp.received] == [ANN, BOB, CAT, ANN]


@pytest.mark.parametrize("command", ["RCPT", "DATA"])
@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        ("450 4.2.1 try ann@acme.test later", NotSent, "450 4.2.1"),
        ("452 no room for ann@acme.test", NotSent, "452"),
        ("421 4.3.2 closing", NotSent, "421 4.3.2"),
        ("550 5.1.1 <ann@acme.test> unknown", MailRefused, "550 5.1.1"),
        ("554 ann@acme.test looks like spam", MailRefused, "554"),
        ("599 5.1.1ann@acme.test", MailRefused, "599"),
    ],
)
async def test_codes_tell_temporary_from_final_refusals_and_the_next_mail_is_sent(
    smtp: MailServer, command: str, answer: str, kind: type[NotSent], code: str
) -> None:
    transport = way(smtp)
    smtp.answer(ANN, answer, to=command)

    error = await problem(transport, ANN)
    await transport.send(envelope(BOB))
    await transport.disconnect()

    assert (type(error), error.problem) == (kind, code)
    assert [mail.recipient for mail in smtp.received] == [BOB]
    assert smtp.connections == 1 or answer.startswith("421")


@pytest.mark.parametrize("answer", ["550 5.7.1 not from here", "451 4.7.1 slow down"])
async def test_a_server_that_refuses_the_sender_takes_no_mail_and_blames_none(smtp: MailServer, answer: str) -> None:
    smtp.answer("", answer, to="MAIL")

    error = await problem(way(smtp))

    assert (type(error), error.problem) == (MailServerUnreachable, answer[:9])


async def test_mails_beyond_a_connection_s_limit_go_over_the_next_connection(
    smtp: MailServer,
) -> None:
    transport = way(smtp)
    smtp.answer("", "250 OK", "421 4.7.0 enough for this connection", to="MAIL")

    for recipient in (ANN, BOB):
        await transport.send(envelope(recipient))
    await transport.disconnect()

    assert [mail.recipient for mail in smtp.received] == [ANN, BOB]
    assert smtp.connections == 2
