"""The faults that a check finds in changed chains of the audit log."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest

from rules.audit.chain import ChainCheck, ChainFault, ChainPlace
from rules.audit_events import AuditEventType
from tests.rules.audit.chained_events import AT, STATUS, LoggedEvent, chained, faults, log


def test_a_chain_as_it_was_written_has_no_fault() -> None:
    assert faults(log()) == []


def emptied(event: LoggedEvent, *, is_gone: bool) -> LoggedEvent:
    changes = [] if event.event == AuditEventType.USER_UPDATED else event.changes
    return event._replace(changes=changes, reason=None, ticket=None, salt=None, has_user=not is_gone)


def test_texts_that_were_erased_with_their_user_are_no_fault() -> None:
    assert faults([emptied(event, is_gone=True) for event in log()]) == []


def test_texts_that_were_emptied_while_their_user_exists_are_a_fault() -> None:
    events = log()
    emptied_ones = [emptied(event, is_gone=False) if event.sequence == 4 else event for event in events]
    of_no_user = [
        emptied(event._replace(user_id=None), is_gone=True)
        for event in chained([LoggedEvent(reason="a", user_id=None)])
    ]

    assert faults(emptied_ones) == [(ChainFault.TEXTS_EMPTIED, 4)]
    assert faults(of_no_user) == [(ChainFault.TEXTS_EMPTIED, 1)]


Tampering = Callable[[list[LoggedEvent]], list[LoggedEvent]]


def changed(number: int, **columns: Any) -> Tampering:
    return lambda events: [event._replace(**columns) if event.sequence == number else event for event in events]


def without(*numbers: int) -> Tampering:
    return lambda events: [event for event in events if event.sequence not in numbers]


def inserted(events: list[LoggedEvent]) -> list[LoggedEvent]:
    return [*events[:3], events[2]._replace(id=UUID(int=9)), *events[3:]]


def both(*tamperings: Tampering) -> Tampering:
    def all_of(events: list[LoggedEvent]) -> list[LoggedEvent]:
        for tampering in tamperings:
            events = tampering(events)
        return events

    return all_of


@pytest.mark.parametrize(
    ("tampering", "found"),
    [
        (changed(1, actor_id=None), [(ChainFault.CHANGED, 1)]),
        (changed(3, actor_id=None), [(ChainFault.CHANGED, 3)]),
        (changed(6, actor_id=None), [(ChainFault.CHANGED, 6)]),
        (changed(3, hash="f" * 64), [(ChainFault.LINK_BROKEN, 3)]),
        (changed(3, hash="f" * 64, actor_id=None), [(ChainFault.CHANGED, 3), (ChainFault.CHANGED, 4)]),
        (
            both(changed(3, actor_id=None), changed(4, actor_id=None)),
            [(ChainFault.CHANGED, 3), (ChainFault.CHANGED, 4)],
        ),
        (
            both(changed(2, actor_id=None), changed(4, hash="f" * 64)),
            [(ChainFault.CHANGED, 2), (ChainFault.LINK_BROKEN, 4)],
        ),
        (without(3), [(ChainFault.MISSING, 4)]),
        (without(1, 2), [(ChainFault.MISSING, 3)]),
        (both(changed(2, actor_id=None), without(3)), [(ChainFault.CHANGED, 2), (ChainFault.MISSING, 4)]),
        (inserted, [(ChainFault.INSERTED, 3)]),
        (changed(4, reason="by mail"), [(ChainFault.TEXTS_CHANGED, 4)]),
        (changed(4, reason=None), [(ChainFault.TEXTS_CHANGED, 4)]),
        (changed(4, salt="f" * 32), [(ChainFault.TEXTS_CHANGED, 4)]),
        (changed(4, salt=None), [(ChainFault.TEXTS_CHANGED, 4)]),
        (changed(2, changes=STATUS), [(ChainFault.TEXTS_CHANGED, 2)]),
        (changed(5, reason="new"), [(ChainFault.TEXTS_CHANGED, 5)]),
        (changed(3, digest="f" * 64), [(ChainFault.TEXTS_EMPTIED, 3), (ChainFault.CHANGED, 3)]),
    ],
)
def test_a_check_names_what_was_done_and_to_which_event(
    tampering: Tampering, found: list[tuple[ChainFault, int]]
) -> None:
    head = ChainPlace(6, log()[-1].hash)

    assert faults(tampering(log()), head) == found


def test_a_chain_that_was_cut_off_ends_before_its_head() -> None:
    events = log()

    assert faults(events[:-2], ChainPlace(6, events[-1].hash)) == [(ChainFault.TRUNCATED, 4)]
    assert next(ChainCheck().end(ChainPlace(6, "f" * 64))).fault is ChainFault.TRUNCATED


def test_the_last_hash_is_compared_with_the_head() -> None:
    events = log()

    broken = [*events[:-1], events[-1]._replace(hash="f" * 64)]

    assert faults(events, ChainPlace(6, "f" * 64)) == [(ChainFault.HEAD_CHANGED, 6)]
    assert faults(broken, ChainPlace(6, events[-1].hash)) == [(ChainFault.LINK_BROKEN, 6)]


def test_a_check_can_begin_at_any_place() -> None:
    events = log()

    for event in events[:-1]:
        rest, place = events[event.sequence :], ChainPlace(event.sequence, event.hash)
        assert faults(rest, start=place) == []
        assert faults(rest, start=ChainPlace(event.sequence, "f" * 64))[0] == (ChainFault.CHANGED, event.sequence + 1)


def test_an_event_that_cannot_be_read_hides_no_later_fault() -> None:
    events, check = log(), ChainCheck()

    found = [
        each
        for event in changed(5, actor_id=None)(events)
        for each in (check.skip(3) if event.sequence == 3 else check.read(event))
    ]
    found += check.end(ChainPlace(6, events[-1].hash))

    assert [(each.fault, each.sequence) for each in found] == [(ChainFault.UNREADABLE, 3), (ChainFault.CHANGED, 5)]


@pytest.mark.parametrize("seed", range(200))
def test_any_single_change_of_any_chain_is_found(seed: int) -> None:
    chance = Random(seed)  # noqa: S311  # chooses a case, protects nothing
    events = log(chance.randint(1, 12))
    number = chance.randint(1, len(events))
    tampering = chance.choice(
        [
            without(number),
            changed(number, hash=f"{chance.getrandbits(256):064x}"),
            changed(number, id=UUID(int=chance.getrandbits(128))),
            changed(number, at=AT - timedelta(seconds=chance.randint(1, 10**6))),
            changed(number, sequence=number + len(events)),
            changed(number, event="user.deleted"),
            changed(number, user_id=None),
            changed(number, reason=str(chance.random())),
            changed(number, digest=None, salt="ab"),
            changed(number, changes=[{"field": "role", "before": None, "after": "PORTAL_ADMIN"}]),
        ]
    )

    head = ChainPlace(len(events), events[-1].hash)

    assert faults(events, head) == []
    assert faults(sorted(tampering(events), key=lambda event: event.sequence), head)
