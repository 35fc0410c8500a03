"""The hash chain of the audit log: the hash of an event, and the check of events against their chain.

An event's hash is computed from the hash of the previous event, and from all values of the event that are kept forever.
Texts that are erased with a user enter the hash only as a digest with a random salt (decision 54).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from rules.audit_events import ERASED_CHANGES

SALT_BYTES = 16

_FORMAT = "gatehouse audit event 1"
_json = json.JSONEncoder(separators=(",", ":"), sort_keys=True).encode  # in ASCII and without line ends


class HashedEvent(Protocol):
    """A protocol for an audit event: the values from which its hash is computed."""

    @property
    def id(self) -> UUID: ...
    @property
    def at(self) -> datetime: ...
    @property
    def event(self) -> str: ...
    @property
    def actor_id(self) -> UUID | None: ...
    @property
    def mssp_id(self) -> UUID: ...
    @property
    def portal_id(self) -> UUID | None: ...
    @property
    def user_id(self) -> UUID | None: ...
    @property
    def operation_id(self) -> UUID | None: ...
    @property
    def changes(self) -> Sequence[Mapping[str, Any]]: ...
    @property
    def reason(self) -> str | None: ...
    @property
    def ticket(self) -> str | None: ...


class StoredEvent(HashedEvent, Protocol):
    """A protocol for an event as the database stores it.

    - `salt`: None after the texts of the event were erased.
    - `digest`: None if the event never had such texts. `salt` is then None too.
    """

    @property
    def sequence(self) -> int: ...
    @property
    def hash(self) -> str: ...
    @property
    def digest(self) -> str | None: ...
    @property
    def salt(self) -> str | None: ...
    @property
    def has_user(self) -> bool:
        """Whether the user that the event is about still exists."""
        ...


class ChainPlace(NamedTuple):
    """A place in a chain: the number and the hash of an event. The first event has the number 1."""

    sequence: int
    hash: str


BEGINNING = ChainPlace(0, "0" * 64)
"""The place before the first event of a chain, if the log had no events before the chain began."""


class ChainFault(StrEnum):
    """What is wrong with a chain. The value is the sentence that the operator reads."""

    MISSING = "MISSING: events before it are missing"
    INSERTED = "INSERTED: its number in the chain belongs to another event"
    CHANGED = "CHANGED: a column was changed after the event was written"
    LINK_BROKEN = "LINK_BROKEN: its hash was changed after the event was written"
    TEXTS_CHANGED = "TEXTS_CHANGED: its reason, ticket, changes or salt was changed after the event was written"
    TEXTS_EMPTIED = "TEXTS_EMPTIED: its texts were emptied as for a deleted user, but the user was not deleted"
    UNREADABLE = "UNREADABLE: a column holds no valid value"
    TRUNCATED = "TRUNCATED: the chain goes on behind it, but no later event exists"
    HEAD_CHANGED = "HEAD_CHANGED: it is not the event with which the chain should end"
    OUTSIDE = "OUTSIDE: events of this log are not in its chain, or events from before the chain are missing"
    NO_CHAIN = "NO_CHAIN: the log has events, but its chain is missing"
    REWRITTEN = "REWRITTEN: its hash is not the one that a checkpoint signed"
    SIGNATURE_WRONG = "SIGNATURE_WRONG: the signature of a checkpoint is not valid"
    KEY_UNKNOWN = "KEY_UNKNOWN: the newest checkpoint is signed by a key that is not in the settings"


class LocatedFault(NamedTuple):
    """A fault of a chain. `event_id` and `sequence` say at which event it was found. None if unknown."""

    fault: ChainFault
    event_id: UUID | None = None
    sequence: int | None = None


def texts_of(event: HashedEvent) -> list[Any] | None:
    """Return the event's texts that are erased with its user, or None if there are none."""
    changes = event.changes if event.event in ERASED_CHANGES else ()
    return [event.reason, event.ticket, [*changes]] if event.reason or event.ticket or changes else None


def digest_of(texts: Sequence[Any], salt: str) -> str:
    """Return the digest of an event's texts. `salt` is a random hexadecimal number."""
    return _hashed(f"{_FORMAT}\n{salt}\n{_json(texts)}")


def hash_of(previous: str, sequence: int, event: HashedEvent, digest: str | None) -> str:
    """Return the hash of an event.

    `previous` is the hash of the event before. `digest` is the digest of the event's texts, or None.
    """
    # One line for each value. Only event.event could contain a line break, so two different events never have the same
    # text.
    kept = "-" if event.event in ERASED_CHANGES else _json(event.changes)
    ids = (event.id, event.actor_id, event.mssp_id, event.portal_id, event.user_id, event.operation_id)
    named = "\n".join([id.hex if id else "-" for id in ids])
    return _hashed(
        f"{_FORMAT}\n{previous}\n{sequence}\n{_instant(event.at)}\n{event.event}\n{named}\n{kept}\n{digest or '-'}"
    )


def beginning(earlier: int) -> ChainPlace:
    """Return the place before the first event of a chain.

    `earlier` is the number of events that were stored before the chain began. The hash of the first event covers this
    number, so that it cannot be changed later.
    """
    return ChainPlace(0, _hashed(f"{_FORMAT}\n{earlier} earlier events")) if earlier else BEGINNING


@lru_cache(maxsize=16)
def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _hashed(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def texts_fault(event: StoredEvent) -> ChainFault | None:
    """Return what is wrong with the event's texts, or None.

    Missing texts are a fault only if the event's user still exists.
    """
    texts = texts_of(event)
    if event.salt is None:
        if texts is not None:
            return ChainFault.TEXTS_CHANGED
        is_erased = event.user_id is not None and not event.has_user
        return None if event.digest is None or is_erased else ChainFault.TEXTS_EMPTIED
    fits = texts is not None and digest_of(texts, event.salt) == event.digest
    return None if fits else ChainFault.TEXTS_CHANGED


class _Suspect(NamedTuple):
    # An event whose stored hash does not match its values, and the hash that would match.
    event: StoredEvent
    fitting: str

    def found(self, *, hash_was_changed: bool) -> LocatedFault:
        fault = ChainFault.LINK_BROKEN if hash_was_changed else ChainFault.CHANGED
        return LocatedFault(fault, self.event.id, self.event.sequence)


class ChainCheck:
    """Checks the events of a chain one after another. `place` is the place of the last checked event.

    A fault in one event causes no faults in the events after it.
    """

    def __init__(self, place: ChainPlace = BEGINNING) -> None:
        self.place = place
        self._last_id: UUID | None = None
        self._is_known = True  # whether the hash of the event before is known
        self._suspect: _Suspect | None = None

    def read(self, event: StoredEvent) -> Iterator[LocatedFault]:
        """Check the next event of the chain, and yield the faults that are certain after this event.

        If the event's hash does not match the event's values, the fault is yielded by the next call. Only the following
        event shows what was changed: the hash (LINK_BROKEN) or a value (CHANGED).
        """
        if event.sequence <= self.place.sequence:
            yield LocatedFault(ChainFault.INSERTED, event.id, event.sequence)
            return
        if event.sequence > self.place.sequence + 1:
            yield from self._settle()
            yield LocatedFault(ChainFault.MISSING, event.id, event.sequence)
            self._is_known = False
        if fault := texts_fault(event):
            yield LocatedFault(fault, event.id, event.sequence)
        fitting = self._fitting(self.place.hash, event)
        if self._suspect and fitting != event.hash:
            # The event was written when the event before had another hash than now, or it was changed as well.
            through = self._fitting(self._suspect.fitting, event)
            yield self._suspect.found(hash_was_changed=through == event.hash)
            fitting = event.hash if through == event.hash else fitting
            self._suspect = None
        yield from self._settle()
        self.place, self._last_id, self._is_known = ChainPlace(event.sequence, event.hash), event.id, True
        self._suspect = None if fitting == event.hash else _Suspect(event, fitting)

    def skip(self, sequence: int) -> Iterator[LocatedFault]:
        """Yield a fault for an event that cannot be read. The check continues with the event after it."""
        yield from self._settle()
        yield LocatedFault(ChainFault.UNREADABLE, sequence=sequence)
        self.place, self._last_id = ChainPlace(max(sequence, self.place.sequence), BEGINNING.hash), None
        self._is_known = False

    def end(self, head: ChainPlace) -> Iterator[LocatedFault]:
        """Yield the remaining faults, after the last event was checked.

        They are a change of the last event, and a difference between the last event and `head`, the stored head.
        """
        if self._suspect and head == ChainPlace(self.place.sequence, self._suspect.fitting):
            yield self._suspect.found(hash_was_changed=True)
            return
        is_suspect = self._suspect is not None
        yield from self._settle()
        if head.sequence > self.place.sequence:
            yield LocatedFault(ChainFault.TRUNCATED, self._last_id, self.place.sequence)
        elif head != self.place and self._is_known and not is_suspect:
            yield LocatedFault(ChainFault.HEAD_CHANGED, self._last_id, self.place.sequence)

    def _fitting(self, previous: str, event: StoredEvent) -> str:
        return hash_of(previous, event.sequence, event, event.digest) if self._is_known else event.hash

    def _settle(self) -> Iterator[LocatedFault]:
        if self._suspect:
            yield self._suspect.found(hash_was_changed=False)
        self._suspect = None
