"""A transport to the tests' mail server, envelopes to send, and the results of sending."""

from __future__ import annotations

from datetime import timedelta

import pytest

from api.core.smtp_server import SmtpServer
from api.mail.rendering import Envelope
from api.mail.smtp import SmtpTransport
from services.mail.outbox import NotSent
from tests.support.mail.smtp import MailServer

ANN, BOB, CAT = "ann@acme.test", "bob@acme.test", "cat@acme.test"

CONTENT = b"Subject: Hello\r\n\r\n.A line that begins with a dot\r\n..\r\nThe end\r\n"


def envelope(recipient: str = ANN, content: bytes = CONTENT) -> Envelope:
    return Envelope("name", "gate@msp.test", recipient, content)


def way(server: MailServer, patience: float = 10, longest: float = 20) -> SmtpTransport:
    return SmtpTransport(
        SmtpServer.at(server.url), patience=timedelta(seconds=patience), longest=timedelta(seconds=longest)
    )


async def problem(transport: SmtpTransport, to: str = ANN) -> NotSent:
    with pytest.raises(NotSent) as error:
        await transport.send(envelope(to))
    assert not error.value.__context__ or error.value.__suppress_context__  # or a log would print the server's words
    return error.value


async def sent_to(url: str, recipient: str = ANN, *, in_production: bool = False) -> str:
    server = SmtpServer.at(url, in_production=in_production)
    transport = SmtpTransport(server, patience=timedelta(seconds=10))
    try:
        await transport.send(envelope(recipient))
    except NotSent as error:
        return error.problem
    finally:
        await transport.disconnect()
    return "sent"
