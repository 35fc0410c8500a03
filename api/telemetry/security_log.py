"""The security log. Each event has a log line with its account, network and request. Each kind of event has a counter."""

from __future__ import annotations

from typing import Unpack

import structlog
from prometheus_client import CollectorRegistry, Counter

from api.core.log_origin import current_origin
from rules.security_events import SecurityEvent
from services.runtime import EventSubjects, SecurityLog

_ROUTINE = frozenset(
    {
        SecurityEvent.SIGNED_IN,
        SecurityEvent.ACCOUNT_CHANGED,
        SecurityEvent.MANAGED,
        SecurityEvent.EXPORTED,
        SecurityEvent.COMMAND_RUN,
        SecurityEvent.AUDIT_CHECKPOINT,
    }
)
"""Events of normal use, which are logged at level info. All other events are logged as warnings."""

log = structlog.get_logger("security")


class CountedSecurityLog(SecurityLog):
    """A security log that writes events to the log of the process, and counts them in the Prometheus registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._events = Counter(
            "gatehouse_security_events",
            "Security events by name; the log has a line for each.",
            ("event",),
            registry=registry,
        )
        for event in SecurityEvent:
            self._events.labels(event.value)

    def note(self, event: SecurityEvent, **concerned: Unpack[EventSubjects]) -> None:
        self._events.labels(event.value).inc()
        write = log.info if event in _ROUTINE else log.warning
        fields = {**concerned, **current_origin()._asdict()}
        write(event.value, **{name: str(value) for name, value in fields.items() if value is not None})
