"""The worker that sends queued mail: each of its lanes one mail at a time, all lanes at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import structlog

from api.core.exceptions import trace_of
from api.mail.rendering import MailRenderer
from api.mail.smtp import Transport
from models.db.database_errors import reason, unavailable
from services.mail.outbox import RENEWED_EVERY, ClaimedMail, MailRefused, MailServerUnreachable, NotSent, Outbox
from services.runtime import Runtime

LANES = 4
"""Mails that one worker sends at once, each over a connection of its own."""

POLL = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(seconds=30)

GRACE = timedelta(seconds=10)
"""How long a mail in hand may take to be finished at shutdown."""

log = structlog.get_logger(__name__)


class MailWorker:
    """Sends what is queued until it is stopped. Any number of them, in any number of processes, share one queue."""

    def __init__(
        self,
        runtime: Runtime,
        letters: MailRenderer,
        transport: Callable[[], Transport],
        *,
        jitter: Callable[[], float],
        poll: timedelta = POLL,
        lanes: int = LANES,
        renewed_every: timedelta = RENEWED_EVERY,
    ) -> None:
        self._outbox = Outbox(runtime, jitter)
        self._now = runtime.now
        self._letters = letters
        self._transport = transport
        self._jitter = jitter
        self._poll = poll
        self._lanes = lanes
        self._renewed_every = renewed_every.total_seconds()
        self._troubles = 0
        self._stopping = asyncio.Event()

    @asynccontextmanager
    async def running(self, grace: timedelta = GRACE) -> AsyncIterator[None]:
        """Works for as long as the body runs, then finishes what is in hand, for no longer than `grace`."""
        lanes = [asyncio.create_task(self._lane(), name=f"mail lane {n}") for n in range(self._lanes)]
        try:
            yield
        finally:
            self._stopping.set()
            _, late = await asyncio.wait(lanes, timeout=grace.total_seconds())
            for lane in late:  # its mail is sent again when the lease is over
                log.warning("mail.interrupted")
                lane.cancel()
            await asyncio.gather(*lanes, return_exceptions=True)

    async def send_next(self, transport: Transport) -> bool:
        """Sends the next mail that is due, and writes down what came of it; False when none was.

        Raises MailServerUnreachable, after that, when there is no use in going on just now.
        """
        errand = await self._outbox.take()
        if errand is None:
            return False
        try:
            async with self._renewing(errand):
                await self._send(errand, transport)
        except NotSent as error:
            failure = error  # `error` is gone at the end of this block
            await self._surely(lambda: self._outbox.failed(errand, failure))
            if isinstance(failure, MailServerUnreachable):
                raise
        else:
            await self._surely(lambda: self._outbox.sent(errand))
        return True

    async def _lane(self) -> None:
        transport = self._transport()
        try:
            while not self._stopping.is_set():
                if not await self._step(transport):
                    await self._pause()
        finally:
            await transport.rest()

    async def _step(self, transport: Transport) -> bool:
        """Sends the next mail; False when a pause is due."""
        try:
            is_busy = await self.send_next(transport)
            if not is_busy:
                await transport.rest()
        except Exception as error:
            _tell(error)
            self._troubles += 1
            return False
        self._troubles = 0
        return is_busy

    async def _send(self, errand: ClaimedMail, transport: Transport) -> None:
        try:
            envelope = self._letters.write(errand, self._now())
        except NotSent:
            raise
        except Exception as error:  # of this letter: the next may well be written
            log.error("mail.render_failed", mail_id=str(errand.mail.id), **trace_of(error))
            raise MailRefused("no-letter") from None
        try:
            await transport.send(envelope)
        except NotSent:
            raise
        except Exception as error:
            log.error("mail.send_failed", mail_id=str(errand.mail.id), **trace_of(error))
            raise NotSent(type(error).__name__) from None

    @asynccontextmanager
    async def _renewing(self, errand: ClaimedMail) -> AsyncIterator[None]:
        """Renew the mail's lease while the body runs, so that no other worker sends the mail as well."""
        renewing = asyncio.create_task(self._renew(errand), name="mail lease")
        try:
            yield
        finally:
            renewing.cancel()
            await asyncio.gather(renewing, return_exceptions=True)

    async def _renew(self, errand: ClaimedMail) -> None:
        while True:
            await asyncio.sleep(self._renewed_every)
            try:
                if not await self._outbox.renew(errand):
                    log.warning("mail.lease_lost", mail_id=str(errand.mail.id))
                    return
            except Exception as error:
                if not unavailable(error):
                    raise
                _tell(error)

    async def _surely(self, write: Callable[[], Awaitable[None]]) -> None:
        """Writes a result down: as long as the database is away nothing else can be done, and it would be sent twice."""
        troubles = 0
        while True:
            try:
                return await write()
            except Exception as error:
                if not unavailable(error):
                    raise
                _tell(error)
            troubles += 1
            await asyncio.sleep(self._seconds(troubles))  # at shutdown too, for as long as it has grace

    async def _pause(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._seconds(self._troubles)):
                await self._stopping.wait()

    def _seconds(self, troubles: int) -> float:
        longest = min(self._poll * (1 << min(troubles, 16)), max(LONGEST_PAUSE, self._poll))
        return longest.total_seconds() * (1 + self._jitter()) / 2


def _tell(error: Exception) -> None:
    if isinstance(error, MailServerUnreachable):
        return  # told with the mail that met it
    if unavailable(error):
        log.warning("mail.database_unavailable", cause=reason(error))
    else:
        log.error("mail.worker_failed", **trace_of(error))
