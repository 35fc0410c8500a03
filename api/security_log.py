"""The security log: one line for each event, with who, where and in which request, and a count."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID

import structlog
from prometheus_client import CollectorRegistry, Counter

from rules.security_events import SecurityEvent

_ROUTINE = frozenset({SecurityEvent.SIGNED_IN, SecurityEvent.ACCOUNT_CHANGED, SecurityEvent.MANAGED})
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


class SecurityLog:
    """What services.work.SecurityLog promises; counts in `registry`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._events = Counter(
            "gatehouse_security_events",
            "Security events by name; the log has a line for each.",
            ("event",),
            registry=registry,
        )
        for event in SecurityEvent:
            self._events.labels(event.value)

    def note(
        self,
        event: SecurityEvent,
        *,
        account_id: UUID | None = None,
        portal_id: UUID | None = None,
        mssp_id: UUID | None = None,
        session_id: UUID | None = None,
        what: str | None = None,
    ) -> None:
        """Write one line and count it. Only what is known is in the line."""
        self._events.labels(event.value).inc()
        origin = _origin.get()
        told = {
            "what": what,
            "account_id": account_id and str(account_id),
            "portal_id": portal_id and str(portal_id),
            "mssp_id": mssp_id and str(mssp_id),
            "session_id": session_id and str(session_id),
            "network": origin.network,
            "request_id": origin.request_id,
            "command": origin.command,
        }
        write = log.info if event in _ROUTINE else log.warning
        write(event.value, **{name: value for name, value in told.items() if value is not None})
