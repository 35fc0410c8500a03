"""The timeout of a connection whose client does not read its response."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class SendWatch:
    """Calls `give_up` if output is waiting and none of it is sent for `seconds`. Runs from `start` until `stop`."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        transport: asyncio.WriteTransport,
        seconds: float,
        give_up: Callable[[], None],
    ) -> None:
        self._loop = loop
        self._transport = transport
        self._seconds = seconds
        self._give_up = give_up
        self._unsent = 0
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Start the timer. Do nothing if the timer runs already or no output is waiting."""
        self._unsent = self._transport.get_write_buffer_size()
        if self._timer is None and self._unsent:
            self._timer = self._loop.call_later(self._seconds, self._look)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        self._timer = None
        if self._transport.get_write_buffer_size() < self._unsent:
            self.start()
        else:
            self._give_up()
