"""The extension SMTPUTF8: whether the mail server accepts addresses with letters outside ASCII."""

from __future__ import annotations

import pytest

from services.mail.outbox import MailRefused
from tests.api.mail.smtp.transport import ANN, envelope, problem, sent_to, way
from tests.support.mail.smtp import Certificate, MailServer, lets_in, mail_server


async def test_an_address_in_another_script_needs_a_server_that_knows_it() -> None:
    async with mail_server() as knows, mail_server(enable_SMTPUTF8=False) as does_not:
        able, unable = way(knows), way(does_not)
        await able.send(envelope("jürgen@acme.test"))
        error = await problem(unable, "jürgen@acme.test")
        await unable.send(envelope(ANN))
        await able.disconnect()
        await unable.disconnect()

        assert [(mail.recipient, mail.options) for mail in knows.received] == [("jürgen@acme.test", ["SMTPUTF8"])]
        assert (type(error), error.problem) == (MailRefused, "no-smtputf8")
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
        await transport.disconnect()
    async with mail_server(knows.port, enable_SMTPUTF8=False):
        error = await problem(transport, "jürgen@acme.test")
        await transport.disconnect()

    assert error.problem == "no-smtputf8"
