"""The security log: one line for each event, with who, where and in which request, and a count."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from typing import Unpack

import structlog
from prometheus_client import CollectorRegistry, Counter

from rules.security_events import SecurityEvent
from services.runtime import Concerned, SecurityLog

_ROUTINE = frozenset(
    {SecurityEvent.SIGNED_IN, SecurityEvent.ACCOUNT_CHANGED, SecurityEvent.MANAGED, SecurityEvent.COMMAND_RUN}
)
"""What happens every day; the others are warnings."""

log = structlog.get_logger("security")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where what happens now comes from: a request and the network of its caller, or the command line."""

    request_id: str | None = None
    network: str | None = None
    command: str | None = None


_NOWHERE = Origin()
_origin: ContextVar[Origin] = ContextVar("origin", default=_NOWHERE)  # it is frozen


@contextmanager
def coming_from(origin: Origin) -> Iterator[None]:
    """Let every event of the body, and of the tasks that it starts, name this origin."""
    token = _origin.set(origin)
    try:
        yield
    finally:
        _origin.reset(token)


class CountedSecurityLog(SecurityLog):
    """Writes to this process's log, and counts in `registry`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._events = Counter(
            "gatehouse_security_events",
            "Security events by name; the log has a line for each.",
            ("event",),
            registry=registry,
        )
        for event in SecurityEvent:
            self._events.labels(event.value)

    def note(self, event: SecurityEvent, **concerned: Unpack[Concerned]) -> None:
        self._events.labels(event.value).inc()
        write = log.info if event in _ROUTINE else log.warning
        told = {**concerned, **asdict(_origin.get())}
        write(event.value, **{name: str(value) for name, value in told.items() if value is not None})
