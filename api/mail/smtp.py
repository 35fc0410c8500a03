"""Handing mail over by SMTP, and reading from the server's answer what to do with it."""

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
"""How long the server may take for one answer."""

LONGEST_SENDING = timedelta(seconds=60)
"""How long sending one mail may take altogether; the worker renews the mail's lease meanwhile."""

_GOODBYE_SECONDS = 2

_ENHANCED_CODE = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(?!\S)")


class Transport(Protocol):
    """One way out of the house, used by one worker for one mail after the other."""

    async def send(self, envelope: Envelope) -> None:
        """Returns once the mail has been accepted; NotSent says why not."""
        ...

    async def rest(self) -> None:
        """There is nothing more to send for now."""
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
        # Opportunistic encryption may be absent altogether, so that a check of the certificate would protect nothing.
        validate_certs=server.tls_at_once or server.start_tls is not StartTls.OPPORTUNISTIC,
        timeout=patience.total_seconds(),
    )


class SmtpTransport:
    """Sends over one connection for as long as there is something to send."""

    def __init__(
        self, server: SmtpServer, *, patience: timedelta = PATIENCE, longest: timedelta = LONGEST_SENDING
    ) -> None:
        self._smtp = connection_to(server, patience)
        self._longest = longest.total_seconds()

    async def send(self, envelope: Envelope) -> None:
        """MailRefused when the server will never take this mail, MailServerUnreachable when it takes none at all just now."""
        async with self._speaking():
            await self._begin(envelope)
            try:
                await self._smtp.rcpt(envelope.recipient, encoding="utf-8")
                await self._smtp.data(envelope.content)
            except SMTPRecipientRefused as error:
                with suppress(SMTPException):  # one that cannot be reset is closed, or is found unfit by the next mail
                    await self._smtp.rset()
                raise _answered(error) from None
            except SMTPResponseException as error:
                if error.code < 0:  # not SMTP: who knows what comes next
                    self._smtp.close()
                raise _answered(error) from None

    async def rest(self) -> None:
        """Says goodbye."""
        if self._smtp.is_connected:
            with suppress(SMTPException, OSError):
                await self._smtp.quit(timeout=_GOODBYE_SECONDS)
        self._smtp.close()

    async def _begin(self, envelope: Envelope) -> None:
        if self._smtp.is_connected:
            try:
                await self._sender(envelope)
            except SMTPException:  # it hung up, or wants to: many servers take so many mails over one connection
                self._smtp.close()
            else:
                return
        await self._connect()
        try:
            await self._sender(envelope)
        except SMTPSenderRefused as error:  # the server refuses the sender: other mail would be refused too
            raise MailServerUnreachable(_code(error)) from None

    async def _sender(self, envelope: Envelope) -> None:
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
        """Send EHLO where connecting has not: what the server offers is not known before, nor again after STARTTLS."""
        if not self._smtp.is_ehlo_or_helo_needed:
            return
        try:
            await self._smtp.ehlo()
        except SMTPHeloError:
            await self._smtp.helo()

    @asynccontextmanager
    async def _speaking(self) -> AsyncIterator[None]:
        """Whatever goes wrong has a name of ours, and a connection of which that is unclear is not used again."""
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
    """`550 5.1.1`: the server's words may quote the address, its codes do not."""
    if error.code < 0:
        return "garbled"
    enhanced = _ENHANCED_CODE.match(error.message)
    return f"{error.code} {enhanced.group()}" if enhanced else str(error.code)
