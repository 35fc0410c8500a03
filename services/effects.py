"""What decided changes do: to the users, the counters, the sessions, the audit log. One statement per kind of change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from models import accounts, audit, portals, users
from models.audit import AuditRow
from models.operations import OperationRow
from models.users import UserRow
from rules.access import Actor
from rules.counting import counted
from rules.decisions import Change
from rules.lifecycle import ENDS_SESSIONS, Action
from services.work import Work

EVENTS = {
    Action.ACTIVATE: "user.activated",
    Action.DEACTIVATE: "user.deactivated",
    Action.LOCK: "user.locked",
    Action.UNLOCK: "user.unlocked",
    Action.DELETE: "user.deleted",
    Action.REVOKE_SESSIONS: "user.sessions_revoked",
}
"""The audit log's word for each action."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A user as he was, and what becomes of him."""

    user: UserRow
    change: Change

    @property
    def moves(self) -> bool:
        """Whether the user stands elsewhere afterwards, but still is."""
        return self.change.move.status is not None and (
            self.change.move.status is not self.user.status or self.change.holds_seat != self.user.holds_seat
        )

    @property
    def is_erased(self) -> bool:
        return self.change.move.status is None


async def apply(action: Action, decided: Sequence[Decided], at: datetime) -> None:
    """Writes what was decided; the portals and users must be locked."""
    moved = [d for d in decided if d.moves]
    erased = [d.user.id for d in decided if d.is_erased]
    deltas = _deltas(decided)

    if deltas and await portals.count(deltas, at) != set(deltas):
        raise RuntimeError("the counters of a locked portal could not take a decided change")
    if moved:
        await users.stand([_standing(d) for d in moved], at)
    if erased:
        await users.erase(erased)
    elif decided and action in ENDS_SESSIONS:
        await accounts.end_sessions([d.user.id for d in decided], at)


async def record(work: Work, actor: Actor, operation: OperationRow, decided: Sequence[Decided], at: datetime) -> None:
    """Writes one audit event per changed user."""
    if not decided:
        return
    await audit.record(
        [
            AuditRow(
                id=work.new_id(),
                at=at,
                event=EVENTS[operation.action],
                actor_id=actor.id,
                portal_id=d.user.portal_id,
                user_id=d.user.id,
                reason=operation.reason,
                changes=_changes(d),
                operation_id=operation.id,
            )
            for d in decided
        ]
    )


def _deltas(decided: Sequence[Decided]) -> dict[UUID, dict[str, int]]:
    deltas: dict[UUID, Counter[str]] = {}
    for d in decided:
        delta = deltas.setdefault(d.user.portal_id, Counter())
        move = d.change.move
        delta.subtract(counted(d.user.status, d.user.status_reason, d.user.role, holds_seat=d.user.holds_seat))
        if move.status is not None:
            delta.update(counted(move.status, move.status_reason, d.user.role, holds_seat=d.change.holds_seat))
    return {id: moved for id, delta in deltas.items() if (moved := {k: n for k, n in delta.items() if n})}


def _standing(d: Decided) -> dict[str, Any]:
    move = d.change.move
    assert move.status is not None  # noqa: S101  # only users that still are stand anywhere
    return users.standing(
        d.user.id,
        status=move.status,
        status_reason=move.status_reason,
        resume_status=move.resume_status,
        resume_reason=move.resume_reason,
        holds_seat=d.change.holds_seat,
    )


def _changes(d: Decided) -> list[dict[str, Any]]:
    move = d.change.move
    fields = (
        ("status", d.user.status, move.status),
        ("statusReason", d.user.status_reason, move.status_reason),
        ("holdsSeat", str(d.user.holds_seat).lower(), str(d.change.holds_seat).lower()),
    )
    return [{"field": name, "before": before, "after": after} for name, before, after in fields if before != after]
