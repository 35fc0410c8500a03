"""Events of a chain of the audit log, and the faults that a check finds in them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from rules.audit.chain import BEGINNING, ChainCheck, ChainFault, ChainPlace, digest_of, hash_of, texts_of
from rules.audit_events import AuditEventType

AT = datetime(2026, 3, 1, 9, 0, 0, 1, tzinfo=UTC)
STATUS = [{"field": "status", "before": "ACTIVE", "after": "SUSPENDED"}]
NAMES = [{"field": "lastName", "before": "Müller", "after": None}]


class LoggedEvent(NamedTuple):
    id: UUID = UUID(int=1)
    at: datetime = AT
    event: str = AuditEventType.USER_LOCKED
    actor_id: UUID | None = UUID(int=2)
    mssp_id: UUID = UUID(int=3)
    portal_id: UUID | None = UUID(int=4)
    user_id: UUID | None = UUID(int=5)
    operation_id: UUID | None = UUID(int=6)
    changes: list[dict[str, Any]] = STATUS
    reason: str | None = None
    ticket: str | None = None
    sequence: int = 1
    hash: str = ""
    digest: str | None = None
    salt: str | None = None
    has_user: bool = False


def chained(events: list[LoggedEvent]) -> list[LoggedEvent]:
    """Return the events with their numbers, hashes, digests and salts, as stored in a chain."""
    place, found = BEGINNING, []
    for number, event in enumerate(events, start=1):
        texts = texts_of(event)
        salt = None if texts is None else f"{number:032x}"
        digest = None if texts is None or salt is None else digest_of(texts, salt)
        place = ChainPlace(number, hash_of(place.hash, number, event, digest))
        found.append(event._replace(sequence=number, hash=place.hash, digest=digest, salt=salt))
    return found


def log(number: int = 6) -> list[LoggedEvent]:
    """Return a chain of `number` events of two types. Every third event has a reason."""
    return chained(
        [
            LoggedEvent(
                id=UUID(int=1000 + n),
                at=AT + timedelta(seconds=n),
                event=AuditEventType.USER_UPDATED if n % 2 else AuditEventType.USER_LOCKED,
                changes=NAMES if n % 2 else STATUS,
                reason="by phone" if n % 3 == 0 else None,
                has_user=n % 5 > 0,
            )
            for n in range(number)
        ]
    )


def faults(
    events: list[LoggedEvent], head: ChainPlace | None = None, start: ChainPlace = BEGINNING
) -> list[tuple[ChainFault, int | None]]:
    """Return the faults that a check finds, each with the event's number. By default, the head is the last event."""
    check = ChainCheck(start)
    found = [each for event in events for each in check.read(event)]
    end = head or ChainPlace(events[-1].sequence, events[-1].hash)
    return [(each.fault, each.sequence) for each in (*found, *check.end(end))]
