"""What decided changes do to the users, the counters, the sessions, the mail and the audit log; set by set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from models import accounts, audit, portals, users
from models.audit import AuditRow
from models.operations import OperationRow
from models.portals import LicensedPortal
from models.users import UserRow
from rules.access import Actor
from rules.counting import counted
from rules.decisions import Change
from rules.lifecycle import CATEGORY, ENDS_SESSIONS, Action
from services import mails
from services.work import Work

EVENTS = {
    Action.ACTIVATE: "user.activated",
    Action.DEACTIVATE: "user.deactivated",
    Action.LOCK: "user.locked",
    Action.UNLOCK: "user.unlocked",
    Action.DELETE: "user.deleted",
    Action.RESEND_VERIFICATION: "user.verification_resent",
    Action.RESET_PASSWORD: "user.password_reset_requested",
    Action.RESET_MFA: "user.mfa_reset",
    Action.REVOKE_SESSIONS: "user.sessions_revoked",
    Action.UPDATE: audit.UPDATED,
}
"""The audit log's word for each action."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A user as he was, and what becomes of him."""

    user: UserRow
    change: Change

    @property
    def changes_standing(self) -> bool:
        move = self.change.move
        return (move.status, move.status_reason, self.change.holds_seat) != (
            self.user.status,
            self.user.status_reason,
            self.user.holds_seat,
        )


async def apply(
    work: Work, action: Action, decided: Sequence[Decided], places: Mapping[UUID, LicensedPortal], at: datetime
) -> None:
    """Writes what was decided; the portals and users must be locked."""
    if not decided:
        return
    ids = [d.user.id for d in decided]
    deltas = _deltas(decided)
    if deltas and await portals.count(deltas, at) != set(deltas):
        raise RuntimeError("the counters of a locked portal could not take a decided change")

    if action is Action.DELETE:
        await audit.forget(ids)
        await users.erase(ids)
        return
    letters = [(d, mails.letter(action, d.user, places[d.user.portal_id].row)) for d in decided]
    standing = [_standing(d, action, at, mailed=letter is not None) for d, letter in letters]
    if action is not Action.REVOKE_SESSIONS:
        await users.stand(standing)
    if action in ENDS_SESSIONS:
        await accounts.end_sessions(ids, at)
    await mails.post(work, [letter for _, letter in letters if letter], at)


async def record(work: Work, actor: Actor, operation: OperationRow, decided: Sequence[Decided], at: datetime) -> None:
    """Writes one audit event per changed user."""
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
                changes=_changes(d, operation.action),
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


def _standing(d: Decided, action: Action, at: datetime, *, mailed: bool) -> dict[str, Any]:
    """The user's row for `users.stand`: what the action leaves alone stays as it was."""
    user, move = d.user, d.change.move
    assert move.status is not None, "a user who still is"  # noqa: S101  # for the type checker: deletes end earlier
    modified = d.changes_standing or action is Action.RESET_MFA
    return {
        "id": user.id,
        "status": move.status,
        "status_reason": move.status_reason,
        "resume_status": move.resume_status,
        "resume_reason": move.resume_reason,
        "category": CATEGORY[move.status],
        "status_rank": users.STATUS_RANK[move.status],
        "holds_seat": d.change.holds_seat,
        "mfa_enrolled": user.mfa_enrolled and action is not Action.RESET_MFA,
        "reset_mailed_at": at if mailed and action is Action.RESET_PASSWORD else user.reset_mailed_at,
        "verification_mailed_at": at
        if mailed and action is Action.RESEND_VERIFICATION
        else user.verification_mailed_at,
        "status_changed_at": at if d.changes_standing else user.status_changed_at,
        "modified_at": at if modified else user.modified_at,
        "version": user.version + modified,
    }


def _changes(d: Decided, action: Action) -> list[dict[str, Any]]:
    move = d.change.move
    fields = (
        ("status", d.user.status, move.status),
        ("statusReason", d.user.status_reason, move.status_reason),
        ("holdsSeat", str(d.user.holds_seat).lower(), str(d.change.holds_seat).lower()),
        *((("mfaEnrolled", "true", "false"),) if action is Action.RESET_MFA else ()),
    )
    return [{"field": name, "before": before, "after": after} for name, before, after in fields if before != after]
