"""A real mail server for tests, which tests can make misbehave, and mails to send to it."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from enum import Enum
from ipaddress import ip_address
from pathlib import Path
from typing import Any, NamedTuple

from aiosmtpd.smtp import SMTP as Protocol
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.support.mail.readable import Readable

DEADLINE = 60
"""The number of seconds after which a test stops waiting and fails."""


class Misbehaviour(Enum):
    HANG = "takes the whole mail and then says nothing"
    DROP = "takes the whole mail and hangs up before its answer"
    DROP_AFTER = "says 250 and hangs up at once"


Answer = str | Misbehaviour | Callable[[], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Received(Readable):
    """A mail that the server has accepted with 250."""

    sender: str
    recipient: str
    message: EmailMessage
    options: list[str]
    was_encrypted: bool
    signed_in_as: str | None

    @property
    def id(self) -> str:
        return str(self.message["Message-ID"])


class MailServer:
    """A mail server that accepts every mail, except where `answer` has set other answers for a recipient."""

    def __init__(self) -> None:
        self.port = 0
        self.received: list[Received] = []
        self.tried: list[str] = []
        self.goodbyes = 0
        self.silences = 0
        self._answers: dict[tuple[str, str], list[Answer]] = {}
        self._news = asyncio.Condition()
        self._connections: list[_Connection] = []

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def answer(self, recipient: str, *answers: Answer, to: str = "DATA") -> None:
        """Set the answers to the next mails for `recipient`: the first answer for the next mail, and so on.

        `to` says where in a mail's transmission the answer is given: to `MAIL`, to `RCPT`, or after the mail's `DATA`.
        """
        self._answers[to, recipient] = list(answers)

    @property
    def connections(self) -> int:
        """The number of connections that clients have made so far."""
        return len(self._connections)

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Wait until the condition is true. The condition is checked after each command that arrives."""
        async with asyncio.timeout(DEADLINE), self._news:
            await self._news.wait_for(is_so)

    def hang_up(self) -> None:
        """End every open connection."""
        for connection in self._connections:
            connection.hang_up()

    async def close(self) -> None:
        """Abort every connection."""
        for connection in self._connections:
            await connection.abort()

    async def handle_MAIL(
        self, server: Protocol, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = await self._next("MAIL", "")
        if not answer.startswith("250"):
            return answer
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return answer

    async def handle_RCPT(
        self, server: Protocol, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.tried.append(address)
        answer = await self._next("RCPT", address)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Protocol, session: Session, envelope: Envelope) -> str:
        (recipient,) = envelope.rcpt_tos
        answer = await self._next("DATA", recipient)
        if answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            self.received.append(
                Received(
                    sender=str(envelope.mail_from),
                    recipient=recipient,
                    message=message_from_bytes(envelope.content, EmailMessage, policy=default),
                    options=list(envelope.mail_options),
                    was_encrypted=session.ssl is not None,
                    signed_in_as=session.auth_data.login.decode() if session.auth_data else None,
                )
            )
        async with self._news:
            self._news.notify_all()
        return answer

    async def handle_QUIT(self, server: Protocol, session: Session, envelope: Envelope) -> str:
        self.goodbyes += 1
        async with self._news:
            self._news.notify_all()
        return "221 Bye"

    async def _next(self, command: str, address: str) -> str:
        async with self._news:
            self._news.notify_all()
        planned = self._answers.get((command, address))
        answer = planned.pop(0) if planned else "250 2.0.0 OK"
        if answer is Misbehaviour.HANG:
            self.silences += 1
            async with self._news:
                self._news.notify_all()
            await asyncio.Event().wait()
        if isinstance(answer, str):
            return answer
        if isinstance(answer, Misbehaviour):
            return f"{'250' if answer is Misbehaviour.DROP_AFTER else '000'} {answer.name}"
        return await answer()


class _Connection(Protocol):
    def __init__(self, mail_server: MailServer, **options: Any) -> None:
        super().__init__(mail_server, hostname="mail.test", loop=asyncio.get_running_loop(), **options)
        mail_server._connections.append(self)
        self._wire: asyncio.BaseTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._wire = self._wire or transport  # a second one is the same, encrypted
        super().connection_made(transport)

    async def push(self, status: Any) -> None:
        if status == "000 DROP":
            self.hang_up()
            return
        await super().push(status)
        if status == "250 DROP_AFTER":
            self.hang_up()

    def hang_up(self) -> None:
        if self.transport is not None:
            self.transport.close()

    async def abort(self) -> None:
        if isinstance(self._wire, asyncio.WriteTransport) and self._handler_coroutine:
            self._wire.abort()
            self._handler_coroutine.cancel()
            await asyncio.wait([self._handler_coroutine])


@asynccontextmanager
async def mail_server(
    port: int = 0, *, at_once: ssl.SSLContext | None = None, **options: Any
) -> AsyncIterator[MailServer]:
    """Yield a mail server at 127.0.0.1. `options` are options of aiosmtpd's protocol."""
    mail = MailServer()
    listening = await asyncio.get_running_loop().create_server(
        lambda: _Connection(mail, **{"enable_SMTPUTF8": True, **options}), "127.0.0.1", port, ssl=at_once
    )
    mail.port = listening.sockets[0].getsockname()[1]
    try:
        yield mail
    finally:
        listening.close()
        await mail.close()
        await listening.wait_closed()


def lets_in(user: str, password: str) -> Callable[..., AuthResult]:
    """Return an authenticator for aiosmtpd that accepts one user."""

    def authenticate(
        server: object, session: object, envelope: object, mechanism: str, given: LoginPassword
    ) -> AuthResult:
        is_right = (given.login, given.password) == (user.encode(), password.encode())
        return AuthResult(success=is_right, handled=False, auth_data=given)

    return authenticate


class Certificate(NamedTuple):
    """A server's certificate for 127.0.0.1. Only a client that was given `file` trusts the certificate."""

    file: Path
    context: ssl.SSLContext


def certificate(folder: Path) -> Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file, secret = folder / "certificate.pem", folder / "key.pem"
    file.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, secret)
    return Certificate(file, context)
