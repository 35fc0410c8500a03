"""Handing mail over to a real SMTP server, whatever it does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
import pytest_asyncio

from api.core.smtp_server import SmtpServer, StartTls
from api.mail.rendering import Envelope
from api.mail.smtp import SmtpTransport
from services.mail.outbox import NotSent, Refused, Unreachable
from tests.support.smtp import DEADLINE, Certificate, MailServer, Misbehaviour, certificate, lets_in, mail_server

ANN, BOB, CAT = "ann@acme.test", "bob@acme.test", "cat@acme.test"
CONTENT = b"Subject: Hello\r\n\r\n.A line that begins with a dot\r\n..\r\nThe end\r\n"


def envelope(recipient: str = ANN, content: bytes = CONTENT) -> Envelope:
    return Envelope("name", "gate@msp.test", recipient, content)


@pytest_asyncio.fixture
async def smtp() -> AsyncIterator[MailServer]:
    async with mail_server() as server:
        yield server


def way(server: MailServer, patience: float = 10, longest: float = 20) -> SmtpTransport:
    return SmtpTransport(
        SmtpServer.at(server.url), patience=timedelta(seconds=patience), longest=timedelta(seconds=longest)
    )


async def problem(transport: SmtpTransport, to: str = ANN) -> NotSent:
    with pytest.raises(NotSent) as error:
        await transport.send(envelope(to))
    assert not error.value.__context__ or error.value.__suppress_context__  # or a log would print the server's words
    return error.value


async def test_a_mail_arrives_byte_by_byte(smtp: MailServer) -> None:
    transport = way(smtp)

    await transport.send(envelope())
    await transport.rest()

    (mail,) = smtp.received
    assert (mail.sender, mail.recipient) == ("gate@msp.test", ANN)
    assert mail.message.as_bytes() == CONTENT.replace(b"\r\n", b"\n")


async def test_mails_in_a_row_share_a_connection_which_is_given_up_when_there_are_no_more(smtp: MailServer) -> None:
    transport = way(smtp)
    for recipient in (ANN, BOB, CAT):
        await transport.send(envelope(recipient))
    assert smtp.connections == 1

    await transport.rest()
    await transport.rest()
    await transport.send(envelope())
    await transport.rest()

    assert smtp.connections == 2
    assert [mail.recipient for mail in smtp.received] == [ANN, BOB, CAT, ANN]


@pytest.mark.parametrize("command", ["RCPT", "DATA"])
@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        ("450 4.2.1 try ann@acme.test later", NotSent, "450 4.2.1"),
        ("452 no room for ann@acme.test", NotSent, "452"),
        ("421 4.3.2 closing", NotSent, "421 4.3.2"),
        ("550 5.1.1 <ann@acme.test> unknown", Refused, "550 5.1.1"),
        ("554 ann@acme.test looks like spam", Refused, "554"),
        ("599 5.1.1ann@acme.test", Refused, "599"),
    ],
)
async def test_a_refusal_for_now_or_for_good_is_told_by_its_codes_and_the_next_mail_goes_out(
    smtp: MailServer, command: str, answer: str, kind: type[NotSent], code: str
) -> None:
    transport = way(smtp)
    smtp.answer(ANN, answer, to=command)

    error = await problem(transport, ANN)
    await transport.send(envelope(BOB))
    await transport.rest()

    assert (type(error), error.problem) == (kind, code)
    assert [mail.recipient for mail in smtp.received] == [BOB]
    assert smtp.connections == 1 or answer.startswith("421")


@pytest.mark.parametrize("answer", ["550 5.7.1 not from here", "451 4.7.1 slow down"])
async def test_a_server_that_does_not_want_our_sender_takes_no_mail_and_no_mail_is_at_fault(
    smtp: MailServer, answer: str
) -> None:
    smtp.answer("", answer, to="MAIL")

    error = await problem(way(smtp))

    assert (type(error), error.problem) == (Unreachable, answer[:9])


async def test_a_server_that_takes_so_many_mails_over_one_connection_gets_the_rest_over_the_next(
    smtp: MailServer,
) -> None:
    transport = way(smtp)
    smtp.answer("", "250 OK", "421 4.7.0 enough for this connection", to="MAIL")

    for recipient in (ANN, BOB):
        await transport.send(envelope(recipient))
    await transport.rest()

    assert [mail.recipient for mail in smtp.received] == [ANN, BOB]
    assert smtp.connections == 2


async def test_a_server_that_hung_up_meanwhile_is_called_again(smtp: MailServer) -> None:
    transport = way(smtp)
    await transport.send(envelope(ANN))
    smtp.hang_up()

    await transport.send(envelope(BOB))
    await transport.rest()

    assert [mail.recipient for mail in smtp.received] == [ANN, BOB]


async def test_a_server_that_falls_silent_after_the_mail_is_given_up_and_called_again(smtp: MailServer) -> None:
    transport = way(smtp, patience=1)
    smtp.answer(ANN, Misbehaviour.HANG)

    error = await problem(transport, ANN)
    await transport.send(envelope(BOB))
    await transport.rest()

    assert (type(error), error.problem) == (NotSent, "timeout")
    assert [mail.recipient for mail in smtp.received] == [BOB]
    assert smtp.connections == 2


async def test_a_server_that_is_slow_at_everything_is_given_up_before_the_lease_is_over(smtp: MailServer) -> None:
    transport = way(smtp, patience=10 * DEADLINE, longest=0.2)
    smtp.answer(ANN, Misbehaviour.HANG, to="RCPT")

    async with asyncio.timeout(DEADLINE):
        error = await problem(transport, ANN)
    await transport.rest()

    assert (type(error), error.problem) == (NotSent, "timeout")


async def test_a_server_that_hangs_up_before_its_answer_has_not_taken_the_mail(smtp: MailServer) -> None:
    transport = way(smtp)
    smtp.answer(ANN, Misbehaviour.DROP)

    error = await problem(transport, ANN)
    await transport.send(envelope(BOB))
    await transport.rest()

    assert (type(error), error.problem) == (NotSent, "disconnected")
    assert [mail.recipient for mail in smtp.received] == [BOB]


async def test_a_server_that_hangs_up_after_its_answer_has_taken_the_mail(smtp: MailServer) -> None:
    transport = way(smtp)
    smtp.answer(ANN, Misbehaviour.DROP_AFTER)

    await transport.send(envelope(ANN))
    await transport.send(envelope(BOB))
    await transport.rest()

    assert [mail.recipient for mail in smtp.received] == [ANN, BOB]


async def test_no_server_at_all_is_no_mails_fault() -> None:
    async with mail_server() as smtp:
        transport = way(smtp)

    error = await problem(transport)

    assert (type(error), error.problem) == (Unreachable, "no-connection")


@asynccontextmanager
async def greets_with(words: bytes) -> AsyncIterator[SmtpServer]:
    """A server for one connection, to which it says these words, and nothing more."""
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

    assert (type(error), error.problem) == (Unreachable, "no-connection timeout")


@pytest.mark.parametrize(
    ("words", "code"), [(b"554 5.3.2 not today\r\n", "554 5.3.2"), (b"no SMTP at all\r\n", "garbled")]
)
async def test_a_server_that_greets_with_anything_else_is_no_mails_fault(words: bytes, code: str) -> None:
    async with greets_with(words) as server:
        error = await problem(SmtpTransport(server, patience=timedelta(seconds=10)))

    assert (type(error), error.problem) == (Unreachable, code)


async def test_an_answer_that_is_none_of_smtps_is_not_taken_for_a_refusal(smtp: MailServer) -> None:
    transport = way(smtp)
    smtp.answer(ANN, "nonsense")

    error = await problem(transport, ANN)
    await transport.send(envelope(BOB))
    await transport.rest()

    assert (type(error), error.problem) == (NotSent, "garbled")
    assert [mail.recipient for mail in smtp.received] == [BOB]
    assert smtp.connections == 2


async def test_an_address_in_another_script_needs_a_server_that_knows_it() -> None:
    async with mail_server() as knows, mail_server(enable_SMTPUTF8=False) as does_not:
        able, unable = way(knows), way(does_not)
        await able.send(envelope("jürgen@acme.test"))
        error = await problem(unable, "jürgen@acme.test")
        await unable.send(envelope(ANN))
        await able.rest()
        await unable.rest()

        assert [(mail.recipient, mail.options) for mail in knows.received] == [("jürgen@acme.test", ["SMTPUTF8"])]
        assert (type(error), error.problem) == (Refused, "no-smtputf8")
        assert [mail.recipient for mail in does_not.received] == [ANN]


async def test_an_address_in_another_script_may_be_the_first_of_a_connection(smtp: MailServer) -> None:
    assert await sent_to(f"{smtp.url}?starttls=never", "jürgen@acme.test") == "sent"

    assert [(mail.recipient, mail.options) for mail in smtp.received] == [("jürgen@acme.test", ["SMTPUTF8"])]


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("query", ["", "?starttls=required"])
async def test_capabilities_are_read_again_after_starttls(tls: Certificate, query: str) -> None:
    async with mail_server(tls_context=tls.context) as smtp:
        assert await sent_to(f"{smtp.url}{query}", "jürgen@acme.test") == "sent"

        assert [(mail.options, mail.was_encrypted) for mail in smtp.received] == [(["SMTPUTF8"], True)]


@pytest.mark.usefixtures("trusted")
async def test_an_address_in_another_script_is_sent_after_signing_in(tls: Certificate) -> None:
    async with mail_server(tls_context=tls.context, authenticator=lets_in("gate", "right")) as smtp:
        assert await sent_to(f"smtp://gate:right@127.0.0.1:{smtp.port}", "jürgen@acme.test") == "sent"


async def test_capabilities_are_those_of_the_connection_not_of_an_earlier_one() -> None:
    async with mail_server() as knows:
        transport = way(knows)
        await transport.send(envelope("jürgen@acme.test"))
        await transport.rest()
    async with mail_server(knows.port, enable_SMTPUTF8=False):
        error = await problem(transport, "jürgen@acme.test")
        await transport.rest()

    assert error.problem == "no-smtputf8"


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def trusted(tls: Certificate, monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine trusts the server's certificate."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tls.file))


async def sent_to(url: str, recipient: str = ANN, *, in_production: bool = False) -> str:
    server = SmtpServer.at(url, in_production=in_production)
    transport = SmtpTransport(server, patience=timedelta(seconds=10))
    try:
        await transport.send(envelope(recipient))
    except NotSent as error:
        return error.problem
    finally:
        await transport.rest()
    return "sent"


async def test_by_default_mail_is_encrypted_where_the_server_can_whoever_it_says_it_is(tls: Certificate) -> None:
    async with mail_server(tls_context=tls.context) as smtp:
        assert await sent_to(smtp.url) == "sent"

        assert [mail.was_encrypted for mail in smtp.received] == [True]


@pytest.mark.usefixtures("trusted")
async def test_required_encryption_is_used_with_a_server_that_is_trusted(tls: Certificate) -> None:
    async with mail_server(tls_context=tls.context) as smtp:
        assert await sent_to(f"{smtp.url}?starttls=required") == "sent"

        assert [mail.was_encrypted for mail in smtp.received] == [True]


async def test_required_encryption_is_not_made_up_with_a_server_that_nobody_trusts(tls: Certificate) -> None:
    async with mail_server(tls_context=tls.context) as smtp:
        assert await sent_to(f"{smtp.url}?starttls=required") == "no-connection tls"

        assert smtp.received == []


async def test_required_encryption_that_the_server_lacks_is_no_mails_fault(smtp: MailServer) -> None:
    assert await sent_to(f"{smtp.url}?starttls=required") == "no-connection"
    assert smtp.received == []


async def test_encryption_can_be_forgone(tls: Certificate) -> None:
    async with mail_server(tls_context=tls.context) as smtp:
        assert await sent_to(f"{smtp.url}?starttls=never") == "sent"

        assert [mail.was_encrypted for mail in smtp.received] == [False]


async def test_a_password_is_not_sent_in_clear_to_a_server_without_starttls() -> None:
    authenticate = lets_in("gate", "right")
    async with mail_server(authenticator=authenticate, auth_require_tls=False) as smtp:
        assert await sent_to(f"smtp://gate:right@127.0.0.1:{smtp.port}") == "no-connection"
        assert smtp.received == []

        assert await sent_to(f"smtp://gate:right@127.0.0.1:{smtp.port}?starttls=never") == "sent"


async def test_production_sends_no_mail_in_clear_unless_a_setting_allows_it(smtp: MailServer) -> None:
    assert await sent_to(smtp.url, in_production=True) == "no-connection"
    assert smtp.received == []

    assert await sent_to(f"{smtp.url}?starttls=never", in_production=True) == "sent"


@pytest.mark.usefixtures("trusted")
async def test_a_server_may_be_encrypted_from_the_first_byte(tls: Certificate) -> None:
    async with mail_server(at_once=tls.context) as smtp:
        assert await sent_to(f"smtps://127.0.0.1:{smtp.port}") == "sent"

        assert len(smtp.received) == 1


async def test_a_server_encrypted_from_the_first_byte_has_to_be_trusted(tls: Certificate) -> None:
    async with mail_server(at_once=tls.context) as smtp:
        assert await sent_to(f"smtps://127.0.0.1:{smtp.port}") == "no-connection tls"


@pytest.mark.usefixtures("trusted")
async def test_a_user_and_password_of_any_characters_sign_in(tls: Certificate) -> None:
    async with mail_server(tls_context=tls.context, authenticator=lets_in("gate@msp.test", "p:/@ß")) as smtp:
        assert await sent_to(f"smtp://gate%40msp.test:p%3A%2F%40%C3%9F@127.0.0.1:{smtp.port}") == "sent"

        assert [mail.signed_in_as for mail in smtp.received] == ["gate@msp.test"]


@pytest.mark.usefixtures("trusted")
async def test_a_wrong_password_is_no_mails_fault(tls: Certificate) -> None:
    async with mail_server(tls_context=tls.context, authenticator=lets_in("gate", "right")) as smtp:
        assert await sent_to(f"smtp://gate:wrong@127.0.0.1:{smtp.port}") == "sign-in 535 5.7.8"


async def test_a_password_is_not_given_to_a_server_that_nobody_trusts(tls: Certificate) -> None:
    asked: list[object] = []
    async with mail_server(tls_context=tls.context, authenticator=lambda *given: asked.append(given)) as smtp:
        assert await sent_to(f"smtp://gate:secret@127.0.0.1:{smtp.port}") == "no-connection tls"

    assert asked == []


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.test", SmtpServer("mail.test", 25)),
        ("smtp://mail.test:587/", SmtpServer("mail.test", 587)),
        ("smtp://[::1]:25", SmtpServer("::1", 25)),
        ("smtps://mail.test", SmtpServer("mail.test", 465, tls_at_once=True)),
        ("smtp://u:p@mail.test?starttls=required", SmtpServer("mail.test", 25, "u", "p", start_tls=StartTls.REQUIRED)),
        ("smtp://mail.test?starttls=never", SmtpServer("mail.test", 25, start_tls=StartTls.NEVER)),
        ("smtp://u:p@mail.test?starttls=never", SmtpServer("mail.test", 25, "u", "p", start_tls=StartTls.NEVER)),
        ("smtp://a%40b:p%2Fq%20@h.test", SmtpServer("h.test", 25, "a@b", "p/q ", start_tls=StartTls.REQUIRED)),
    ],
)
def test_a_mail_server_is_given_as_a_url(url: str, server: SmtpServer) -> None:
    assert SmtpServer.at(url) == server


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mail.test",
        "http://s3cret@mail.test",
        "smtp://",
        "smtp://s3cret:s3cret@",
        "smtp://s3cret@mail.test",
        "smtp://:s3cret@mail.test",
        "smtp://mail.test/s3cret",
        "smtp://mail.test:s3cret",
        "smtp://mail.test:99999",
        "smtp://mail.test?s3cret=1",
        "smtp://mail.test?starttls=s3cret",
        "smtp://s3cret:s3cret@mail.test?starttls=opportunistic",
        "smtp://mail.test?starttls=",
        "smtps://mail.test?starttls=never",
        "smtp://u:s3cret@mail.test#x",
    ],
)
def test_a_url_that_is_no_mail_server_is_refused_without_being_quoted(url: str) -> None:
    with pytest.raises(ValueError, match=r"^m(ust|ay) ") as refused:
        SmtpServer.at(url)

    assert "s3cret" not in str(refused.value)


def test_a_mail_servers_password_is_not_shown() -> None:
    assert "s3cret" not in repr(SmtpServer.at("smtp://gate:s3cret@mail.test"))
