"""Servers that hang, hang up, or do not speak SMTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from api.core.smtp_server import SmtpServer
from api.mail.smtp import SmtpTransport
from services.mail.outbox import MailServerUnreachable, NotSent
from tests.api.mail.smtp.transport import ANN, BOB, envelope, problem, way
from tests.support.mail.smtp import DEADLINE, MailServer, Misbehaviour, mail_server


async def test_a_server_that_hung_up_meanwhile_is_called_again(smtp: MailServer) -> None:
    transport = way(smtp)
    await transport.send(envelope(ANN))
    smtp.hang_up()

    await transport.send(envelope(BOB))
    await transport.disconnect()

    assert [mail.recipient for mail in smtp.received] == [ANN, BOB]


async def test_a_server_that_falls_silent_after_the_mail_is_given_up_and_called_again(smtp: MailServer) -> None:
    transport = way(smtp, patience=1)
    smtp.answer(ANN, Misbehaviour.HANG)

    error = await problem(transport, ANN)
    await transport.send(envelope(BOB))
    await transport.disconnect()

    assert (type(error), error.problem) == (NotSent, "timeout")
    assert [mail.recipient for mail in smtp.received] == [BOB]
    assert smtp.connections == 2


async def test_a_server_that_is_slow_at_everything_is_given_up_before_the_lease_is_over(smtp: MailServer) -> None:
    transport = way(smtp, patience=10 * DEADLINE, longest=0.2)
    smtp.answer(ANN, Misbehaviour.HANG, to="RCPT")

    async with asyncio.timeout(DEADLINE):
        error = await problem(transport, ANN)
    await transport.disconnect()

    assert (type(error), error.problem) == (NotSent, "timeout")


async def test_a_server_that_hangs_up_before_its_answer_has_not_taken_the_mail(smtp: MailServer) -> None:
    transport = way(smtp)
    smtp.answer(ANN, Misbehaviour.DROP)

    error = await problem(transport, ANN)
    await transport.send(envelope(BOB))
    await transport.disconnect()

    assert (type(error), error.problem) == (NotSent, "disconnected")
    assert [mail.recipient for mail in smtp.received] == [BOB]


async def test_a_server_that_hangs_up_after_its_answer_has_taken_the_mail(smtp: MailServer) -> None:
    transport = way(smtp)
    smtp.answer(ANN, Misbehaviour.DROP_AFTER)

    await transport.send(envelope(ANN))
    await transport.send(envelope(BOB))
    await transport.disconnect()

    assert [mail.recipient for mail in smtp.received] == [ANN, BOB]


async def test_no_server_at_all_is_no_mails_fault() -> None:
    async with mail_server() as smtp:
        transport = way(smtp)

    error = await problem(transport)

    assert (type(error), error.problem) == (MailServerUnreachable, "no-connection")


@asynccontextmanager
async def greets_with(words: bytes) -> AsyncIterator[SmtpServer]:
    """Run a server that sends `words` on one connection, and nothing more."""
    is_over = asyncio.Event()

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(words)
        await reader.read()
        writer.close()
        await writer.wait_closed()
        is_over.set()

    async with await asyncio.start_server(speak, "127.0.0.1", 0) as listening:
        yield SmtpServer("127.0.0.1", listening.sockets[0].getsockname()[1])
        await is_over.wait()


async def test_a_server_that_accepts_and_says_nothing_is_no_mails_fault() -> None:
    async with greets_with(b"") as server:
        error = await problem(SmtpTransport(server, patience=timedelta(seconds=0.2)))

    assert (type(error), error.problem) == (MailServerUnreachable, "no-connection timeout")


@pytest.mark.parametrize(
    ("words", "code"), [(b"554 5.3.2 not today\r\n", "554 5.3.2"), (b"no SMTP at all\r\n", "garbled")]
)
async def test_a_server_that_greets_with_anything_else_is_no_mails_fault(words: bytes, code: str) -> None:
    async with greets_with(words) as server:
        error = await problem(SmtpTransport(server, patience=timedelta(seconds=10)))

    assert (type(error), error.problem) == (MailServerUnreachable, code)


async def test_an_answer_that_is_none_of_smtps_is_not_taken_for_a_refusal(smtp: MailServer) -> None:
    transport = way(smtp)
    smtp.answer(ANN, "nonsense")

    error = await problem(transport, ANN)
    await transport.send(envelope(BOB))
    await transport.disconnect()

    assert (type(error), error.problem) == (NotSent, "garbled")
    assert [mail.recipient for mail in smtp.received] == [BOB]
    assert smtp.connections == 2
