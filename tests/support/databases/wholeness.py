"""Check that every stored operation is complete, and that every change belongs to an operation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from models.db.dialect import is_any_of
from models.db.sql import Record, Sql, fetch
from rules.lifecycle.actions import ACTIONS, Action

_STATES = {(True, False): "SUCCEEDED", (True, True): "PARTIALLY_SUCCEEDED", (False, True): "UNCHANGED"}
"""The state of an operation, by two flags: whether any user succeeded, and whether any user did not.

If no user succeeded and an outcome is FAILED, the state is FAILED.
"""


async def assert_every_operation_is_whole() -> set[str]:
    """Assert that each operation has all its outcomes and events, and return the row ids of the operations.

    Each operation must begin with the statuses that the operation before it left. The last operation must leave the
    statuses that are stored now.
    """
    operations = await fetch(Sql("SELECT o.id, o.action, o.state FROM bulk_operation o ORDER BY o.id"))
    outcomes = await _by_operation(
        Sql(
            "SELECT c.operation_id, c.position, c.user_id, c.status, c.previous_status, c.new_status"
            " FROM bulk_outcome c ORDER BY c.operation_id, c.position"
        )
    )
    # Events without an operation belong here only if a bulk action writes them: sign-ins, for instance, do not.
    bulk_events = [spec.audit_event for spec in ACTIONS.values() if not spec.allowed_to_owner]
    events = await _by_operation(
        "SELECT e.operation_id, e.user_id, e.event FROM audit_event e WHERE e.operation_id IS NOT NULL OR "
        + is_any_of("e.event", bulk_events)
        + " ORDER BY e.id"
    )
    left: dict[str, str | None] = {}
    for operation in operations:
        told = outcomes.pop(str(operation["id"]), [])
        _assert_complete(operation, told, events.pop(str(operation["id"]), []))
        for outcome in told:
            if user := outcome["user_id"]:
                before = left.setdefault(str(user), outcome["previous_status"])
                assert outcome["previous_status"] == before, f"{dict(outcome)} began elsewhere"
                left[str(user)] = outcome["new_status"]
    assert (outcomes, events) == ({}, {}), "something was done by no operation"

    stored = {str(row["id"]): row["status"] for row in await fetch(Sql("SELECT u.id, u.status FROM portal_user u"))}
    assert {user: stored.get(user) for user in left} == left
    return {str(operation["id"]) for operation in operations}


def _assert_complete(operation: Record, outcomes: Sequence[Record], events: Sequence[Record]) -> None:
    succeeded = [outcome["user_id"] for outcome in outcomes if outcome["status"] == "SUCCEEDED"]
    assert [outcome["position"] for outcome in outcomes] == list(range(len(outcomes)))
    has_failed = not succeeded and any(outcome["status"] == "FAILED" for outcome in outcomes)
    expected = "FAILED" if has_failed else _STATES[bool(succeeded), len(succeeded) < len(outcomes)]
    assert operation["state"] == expected
    assert [event["user_id"] for event in events] == succeeded
    assert {event["event"] for event in events} <= {ACTIONS[Action(operation["action"])].audit_event}


async def _by_operation(query: Sql) -> dict[str, list[Record]]:
    found = defaultdict(list)
    for row in await fetch(query):
        found[str(row["operation_id"])].append(row)
    return dict(found)
