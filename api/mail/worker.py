"""The worker that sends queued mail in several lanes. A lane is an asyncio task that sends one mail after another."""

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
from services.mail.outbox import RENEWED_EVERY, MailRefused, MailServerUnreachable, MailToSend, NotSent, Outbox
from services.passwords import password_reset
from services.runtime import Runtime

LANES = 4
"""The number of lanes of one worker.

Each lane has its own connection, so a worker sends this many mails at the same time.
"""

POLL = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(seconds=30)

GRACE = timedelta(seconds=10)
"""The maximum time that a shutdown waits for mails that are being sent."""

log = structlog.get_logger(__name__)


class MailWorker:
    """Sends queued mail. Any number of workers, in any number of processes, share one queue.

    A worker has several lanes: tasks that each send one mail after another. `transport` returns a new Transport for
    each lane. `jitter` returns a random number from 0 to 1, which varies the pauses.
    """

    def __init__(
        self,
        runtime: Runtime,
        renderer: MailRenderer,
        transport: Callable[[], Transport],
        *,
        jitter: Callable[[], float],
        poll: timedelta = POLL,
        lanes: int = LANES,
        renewed_every: timedelta = RENEWED_EVERY,
    ) -> None:
        self._outbox = Outbox(runtime, jitter, answer_request=password_reset.answer_next)
        self._now = runtime.now
        self._renderer = renderer
        self._transport = transport
        self._jitter = jitter
        self._poll = poll
        self._lanes = lanes
        self._renewed_every = renewed_every.total_seconds()
        self._failures = 0
        self._stopping = asyncio.Event()

    @asynccontextmanager
    async def running(self, grace: timedelta = GRACE) -> AsyncIterator[None]:
        """Send mail while the body of the `with` statement runs. Then wait at most `grace` for mails that are being sent."""
        lanes = [asyncio.create_task(self._lane(), name=f"mail lane {n}") for n in range(self._lanes)]
        try:
            yield
        finally:
            self._stopping.set()
            _, late = await asyncio.wait(lanes, timeout=grace.total_seconds())
            for lane in late:  # when the lease expires, another lane sends the mail
                log.warning("mail.interrupted")
                lane.cancel()
            await asyncio.gather(*lanes, return_exceptions=True)

    async def send_next(self, transport: Transport) -> bool:
        """Send the next mail that is due and record the result. Return False if no mail is due.

        Raise MailServerUnreachable, after the result is recorded, if the server accepts no mail now.
        """
        claimed = await self._outbox.take()
        if claimed is None:
            return False
        try:
            async with self._renewing(claimed):
                await self._send(claimed, transport)
        except NotSent as error:
            failure = error  # Python deletes `error` at the end of this block
            await self._record_result(lambda: self._outbox.record_failure(claimed, failure))
            if isinstance(failure, MailServerUnreachable):
                raise
        else:
            await self._record_result(lambda: self._outbox.record_sent(claimed))
        return True

    async def _lane(self) -> None:
        transport = self._transport()
        try:
            while not self._stopping.is_set():
                if not await self._step(transport):
                    await self._pause()
        finally:
            await transport.disconnect()

    async def _step(self, transport: Transport) -> bool:
        """Send the next mail. Return False if this lane should pause: no mail is due, or an exception was raised."""
        try:
            is_busy = await self.send_next(transport)
            if not is_busy:
                await transport.disconnect()
        except Exception as error:
            _log_failure(error)
            self._failures += 1
            return False
        self._failures = 0
        return is_busy

    async def _send(self, claimed: MailToSend, transport: Transport) -> None:
        try:
            envelope = self._renderer.render(claimed, self._now())
        except NotSent:
            raise
        except Exception as error:  # other mails can still be rendered
            log.error("mail.render_failed", mail_id=str(claimed.mail.id), **trace_of(error))
            raise MailRefused("not-rendered") from None
        try:
            await transport.send(envelope)
        except NotSent:
            raise
        except Exception as error:
            log.error("mail.send_failed", mail_id=str(claimed.mail.id), **trace_of(error))
            raise NotSent(type(error).__name__) from None

    @asynccontextmanager
    async def _renewing(self, claimed: MailToSend) -> AsyncIterator[None]:
        """Renew the mail's lease while the body runs, so that no other worker sends the mail too."""
        renewing = asyncio.create_task(self._renew(claimed), name="mail lease")
        try:
            yield
        finally:
            renewing.cancel()
            await asyncio.gather(renewing, return_exceptions=True)

    async def _renew(self, claimed: MailToSend) -> None:
        while True:
            await asyncio.sleep(self._renewed_every)
            try:
                if not await self._outbox.renew(claimed):
                    log.warning("mail.lease_lost", mail_id=str(claimed.mail.id))
                    return
            except Exception as error:
                if not unavailable(error):
                    raise
                _log_failure(error)

    async def _record_result(self, write: Callable[[], Awaitable[None]]) -> None:
        """Call `write`, which records the result of a mail. Repeat the call while the database is unavailable.

        A mail whose result is not recorded would be sent again.
        """
        failures = 0
        while True:
            try:
                return await write()
            except Exception as error:
                if not unavailable(error):
                    raise
                _log_failure(error)
            failures += 1
            await asyncio.sleep(self._pause_seconds(failures))  # a shutdown cancels this task after its grace

    async def _pause(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._pause_seconds(self._failures)):
                await self._stopping.wait()

    def _pause_seconds(self, failures: int) -> float:
        longest = min(self._poll * (1 << min(failures, 16)), max(LONGEST_PAUSE, self._poll))
        return longest.total_seconds() * (1 + self._jitter()) / 2


def _log_failure(error: Exception) -> None:
    if isinstance(error, MailServerUnreachable):
        return  # the failure of the mail is already logged
    if unavailable(error):
        log.warning("mail.database_unavailable", cause=reason(error))
    else:
        log.error("mail.worker_failed", **trace_of(error))
