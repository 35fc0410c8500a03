"""Delivery of mail by SMTP. Failures are raised as the exceptions that services/mail/outbox.py defines."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Protocol

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPException,
    SMTPHeloError,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPSenderRefused,
    SMTPTimeoutError,
)

from api.core.smtp_server import SmtpServer, StartTls
from api.mail.rendering import Envelope
from services.mail.outbox import MailRefused, MailServerUnreachable, NotSent

PATIENCE = timedelta(seconds=30)
"""The time limit for one answer of the mail server."""

LONGEST_SENDING = timedelta(seconds=60)
"""The time limit for sending one mail. While a mail is sent, the worker renews the mail's lease."""

_QUIT_SECONDS = 2

_ENHANCED_CODE = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(?!\S)")


class Transport(Protocol):
    """A protocol for the delivery of mails, one at a time. A mail worker makes a transport for each of its lanes."""

    async def send(self, envelope: Envelope) -> None:
        """Send the mail. Raise NotSent with the reason if the server does not accept the mail."""
        ...

    async def disconnect(self) -> None:
        """Close the connection. The worker calls this if no mail is due. The next `send` opens a new connection."""
        ...


def connection_to(server: SmtpServer, patience: timedelta) -> SMTP:
    """Return a client of `server` that is not connected yet."""
    start_tls = {StartTls.OPPORTUNISTIC: None, StartTls.REQUIRED: True, StartTls.NEVER: False}[server.start_tls]
    return SMTP(
        hostname=server.host,
        port=server.port,
        username=server.user,
        password=server.password,
        use_tls=server.tls_at_once,
        start_tls=False if server.tls_at_once else start_tls,
        # With opportunistic STARTTLS an attacker can prevent TLS, so that checking the certificate protects nothing.
        validate_certs=server.tls_at_once or server.start_tls is not StartTls.OPPORTUNISTIC,
        timeout=patience.total_seconds(),
    )


class SmtpTransport:
    """Sends mails over one SMTP connection. The connection stays open until `disconnect` is called."""

    def __init__(
        self, server: SmtpServer, *, patience: timedelta = PATIENCE, longest: timedelta = LONGEST_SENDING
    ) -> None:
        self._smtp = connection_to(server, patience)
        self._longest = longest.total_seconds()

    async def send(self, envelope: Envelope) -> None:
        """Send the mail. Raise one of these exceptions if it is not sent:

        - MailRefused if the server permanently rejects this mail.
        - MailServerUnreachable if the server accepts no mail at present.
        - NotSent for every other failure, which concerns this attempt only.
        """
        async with self._translating_errors():
            await self._start_mail(envelope)
            try:
                await self._smtp.rcpt(envelope.recipient, encoding="utf-8")
                await self._smtp.data(envelope.content)
            except SMTPRecipientRefused as error:
                with suppress(SMTPException):  # if it fails, sending the next mail opens a new connection
                    await self._smtp.rset()
                raise _answered(error) from None
            except SMTPResponseException as error:
                if error.code < 0:  # not an SMTP answer: the state of the connection is unknown
                    self._smtp.close()
                raise _answered(error) from None

    async def disconnect(self) -> None:
        """If a connection is open, send QUIT and close the connection."""
        if self._smtp.is_connected:
            with suppress(SMTPException, OSError):
                await self._smtp.quit(timeout=_QUIT_SECONDS)
        self._smtp.close()

    async def _start_mail(self, envelope: Envelope) -> None:
        if self._smtp.is_connected:
            try:
                await self._send_sender(envelope)
            except SMTPException:  # many servers limit the mails per connection and close it
                self._smtp.close()
            else:
                return
        await self._connect()
        try:
            await self._send_sender(envelope)
        except SMTPSenderRefused as error:  # the server would refuse every mail from this address
            raise MailServerUnreachable(_code(error)) from None

    async def _send_sender(self, envelope: Envelope) -> None:
        if envelope.recipient.isascii():
            await self._smtp.mail(envelope.sender)
        elif self._smtp.supports_extension("SMTPUTF8"):
            await self._smtp.mail(envelope.sender, options=["SMTPUTF8"])
        else:
            raise MailRefused("no-smtputf8")

    async def _connect(self) -> None:
        try:
            await self._smtp.connect()
            await self._read_capabilities()
        except SMTPAuthenticationError as error:
            raise MailServerUnreachable(f"sign-in {_code(error)}") from None
        except SMTPResponseException as error:
            raise MailServerUnreachable(_code(error)) from None
        except SMTPTimeoutError:
            raise MailServerUnreachable("no-connection timeout") from None
        except (SMTPException, OSError) as error:
            is_tls = isinstance(error, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError)
            raise MailServerUnreachable("no-connection tls" if is_tls else "no-connection") from None

    async def _read_capabilities(self) -> None:
        """Ask the server for its extensions (EHLO, else HELO), unless they are known.

        After STARTTLS, the extensions are not known, because the server can then announce others.
        """
        if not self._smtp.is_ehlo_or_helo_needed:
            return
        try:
            await self._smtp.ehlo()
        except SMTPHeloError:
            await self._smtp.helo()

    @asynccontextmanager
    async def _translating_errors(self) -> AsyncIterator[None]:
        """Run the body of the `with` statement, and convert its SMTP errors, network errors and timeouts to NotSent.

        Other exceptions are raised unchanged. The connection stays open after a NotSent that concerns one mail only,
        and is closed after any other exception.
        """
        try:
            async with asyncio.timeout(self._longest):
                yield
        except (SMTPTimeoutError, TimeoutError):
            self._smtp.close()
            raise NotSent("timeout") from None
        except (SMTPException, OSError):
            self._smtp.close()
            raise NotSent("disconnected") from None
        except BaseException as error:
            if not isinstance(error, NotSent) or isinstance(error, MailServerUnreachable):
                self._smtp.close()
            raise


def _answered(error: SMTPResponseException) -> NotSent:
    return (MailRefused if 500 <= error.code <= 599 else NotSent)(_code(error))


def _code(error: SMTPResponseException) -> str:
    """Return the codes of the response, such as `550 5.1.1`, without its text, which can quote the address."""
    if error.code < 0:
        return "garbled"
    enhanced = _ENHANCED_CODE.match(error.message)
    return f"{error.code} {enhanced.group()}" if enhanced else str(error.code)
