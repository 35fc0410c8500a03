"""The hashes of events of the audit log, and the digests of texts that are erased with a user."""

from __future__ import annotations

from datetime import timedelta, timezone
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest

from rules.audit.chain import digest_of, hash_of, texts_of
from rules.audit_events import AuditEventType
from tests.rules.audit.chained_events import AT, NAMES, STATUS, LoggedEvent


def test_the_format_of_a_hash_stays_as_it_was_released() -> None:
    """The hashed text is written by hand here. If the format changed, stored hashes could not be checked any more."""
    event = LoggedEvent(portal_id=None, reason="by phone", ticket="INC-1")
    ids = "\n".join(["0" * 31 + "1", "0" * 31 + "2", "0" * 31 + "3", "-", "0" * 31 + "5", "0" * 31 + "6"])
    changes = '[{"after":"SUSPENDED","before":"ACTIVE","field":"status"}]'
    of_names = LoggedEvent(event=AuditEventType.USER_UPDATED, changes=NAMES, reason="by phone", ticket="INC-1")

    digest = digest_of(texts_of(of_names) or (), "5a17")
    hashes = hash_of("abc", 7, event, "def"), hash_of("abc", 7, event._replace(event="user.updated"), None)

    start = "gatehouse audit event 1\nabc\n7\n2026-03-01T09:00:00.000001+00:00\n"
    assert hashes == (
        sha256(f"{start}user.locked\n{ids}\n{changes}\ndef".encode()).hexdigest(),
        sha256(f"{start}user.updated\n{ids}\n-\n-".encode()).hexdigest(),
    )
    texts = '["by phone","INC-1",[{"after":null,"before":"M\\u00fcller","field":"lastName"}]]'
    assert digest == sha256(f"gatehouse audit event 1\n5a17\n{texts}".encode()).hexdigest()


@pytest.mark.parametrize(
    "given",
    [
        {"id": UUID(int=9)},
        {"at": AT + timedelta(microseconds=1)},
        {"event": AuditEventType.USER_UNLOCKED},
        *(
            {name: value}
            for name in ("actor_id", "portal_id", "user_id", "operation_id")
            for value in (None, UUID(int=9))
        ),
        {"mssp_id": UUID(int=9)},
        {"actor_id": UUID(int=3), "mssp_id": UUID(int=2)},
        {"changes": []},
        {"changes": [*STATUS, *STATUS]},
        {"changes": [{**STATUS[0], "before": None}]},
    ],
)
def test_a_hash_covers_everything_that_is_kept(given: dict[str, Any]) -> None:
    assert hash_of("", 1, LoggedEvent(**given), None) != hash_of("", 1, LoggedEvent(), None)


def test_a_hash_covers_the_event_before_the_number_and_the_digest_of_the_texts() -> None:
    hashes = {hash_of(*of, LoggedEvent(), digest) for of in (("a", 1), ("b", 1), ("a", 2)) for digest in (None, "d")}

    assert len(hashes) == 6


def test_a_hash_does_not_depend_on_the_time_zone_or_the_order_of_keys() -> None:
    other = LoggedEvent(at=AT.astimezone(timezone(timedelta(hours=5))), changes=[dict(reversed(STATUS[0].items()))])

    assert hash_of("", 1, other, None) == hash_of("", 1, LoggedEvent(), None)


def test_a_digest_tells_reason_and_ticket_apart() -> None:
    given = [("a", None), (None, "a"), ("a", "b"), ("b", "a"), ("ab", None), ("a", "")]

    digests = {digest_of(texts_of(LoggedEvent(reason=r, ticket=t)) or (), "5a17") for r, t in given}

    assert len(digests) == len(given)


def test_codes_are_in_the_hash_and_names_in_the_digest_alone() -> None:
    of_names = [LoggedEvent(event=AuditEventType.USER_UPDATED, changes=changes) for changes in (NAMES, [])]

    assert hash_of("", 1, of_names[0], "d") == hash_of("", 1, of_names[1], "d")
    assert (texts_of(LoggedEvent()), texts_of(of_names[1])) == (None, None)
    assert texts_of(of_names[0]) == [None, None, NAMES]
