"""The writes that follow from decisions about users: users, counters, sessions, mails and audit events.

The number of SQL statements does not depend on the number of users.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from models import audit
from models.audit import AuditRow
from models.auth import attempts, second_factors, sessions
from models.links import changes as link_changes
from models.operations import OperationRow
from models.portals import counters as portal_counters
from models.portals.lookup import LicensedPortal
from models.users import changes as user_changes
from models.users.changes import StatusChange
from models.users.table import ROLE_RANK, STATUS_RANK, UserRow
from rules.lifecycle.action_spec import ActionSpec
from rules.lifecycle.actions import ACTIONS, Action
from rules.lifecycle.counters import CountedUser, counter_changes
from rules.lifecycle.decision_types import Decision
from rules.lifecycle.event_spec import EventSpec
from rules.lifecycle.events import EVENTS, Event
from rules.lifecycle.statuses import CATEGORY, Category, Status
from rules.mail.kinds import MailKind
from services.lifecycle import erasure, kept_names, pending_email
from services.mail import link_mails, notifications
from services.mail.notifications import Notification
from services.runtime import Runtime


class PlannedChange(NamedTuple):
    """A decision about one user, and the user's locked row as stored before the change."""

    user: UserRow
    decision: Decision

    @property
    def changes_columns(self) -> bool:
        """Whether the change affects the user's status, status reason, seat or role."""
        return self.changes_status or self.decision.role is not self.user.role

    @property
    def changes_status(self) -> bool:
        """Whether the change affects the user's status, status reason or seat."""
        transition = self.decision.transition
        return (transition.status, transition.status_reason, self.decision.holds_seat) != (
            self.user.status,
            self.user.status_reason,
            self.user.holds_seat,
        )


async def apply_action(
    runtime: Runtime,
    action: Action,
    decided: Sequence[PlannedChange],
    portals: Mapping[UUID, LicensedPortal],
    at: datetime,
    *,
    actor_id: UUID | None,
) -> None:
    """Write the decided changes of an action, and enqueue the action's mails.

    `portals` has the users' portals by id. The mails name the admin `actor_id`, or no admin if it is None. Audit events
    are not written: call `record_changes`. Requires the portals and users to be locked.
    """
    spec = ACTIONS[action]
    mails = [(d, link_mails.link_mail(action, d.user, portals[d.user.portal_id].row, actor_id)) for d in decided]
    await write_changes(
        decided,
        portals,
        at,
        ends_sessions=spec.ends_sessions,
        extra_columns={d.user.id: _extra_columns(d, spec, at, mailed=mail is not None) for d, mail in mails},
    )
    if spec.clears_attempts:
        await attempts.delete_all_counters([d.user.id for d in decided])
    if spec.ends_sign_in_steps:
        await link_changes.supersede_every(link_changes.STEPS_OF_SIGNING_IN, [d.user.key for d in decided], at)
    if spec.replaces_password:
        await pending_email.end_own_changes(runtime, [d.user for d in decided], at, actor_id=actor_id)
    if spec.removes_second_factor:
        await second_factors.delete([d.user.key for d in decided])
    await link_mails.enqueue_link_mails(runtime, [mail for _, mail in mails if mail], at)
    if spec.removes_second_factor:
        notices = [notice for d in decided for notice in _second_factor_changed(d.user, at, actor_id)]
        await notifications.enqueue_notifications(runtime, notices, at)


async def write_changes(
    decided: Sequence[PlannedChange],
    portals: Mapping[UUID, LicensedPortal],
    at: datetime,
    *,
    ends_sessions: bool,
    extra_columns: Mapping[UUID, Mapping[str, Any]] | None = None,
    keep_session: UUID | None = None,
) -> None:
    """Write the users' new status, update their portals' counters, and erase deleted users.

    `portals` has the users' portals by id. `extra_columns` has values of further columns by user id, such as `{user_id:
    {"locked_for_good": True}}`. If `ends_sessions` is true, the users' sessions end, except `keep_session`. The
    portal's policy says how long the name of a deleted user is kept. Requires the portals and users to be locked.
    """
    if not decided:
        return
    deltas = _deltas(decided)
    if deltas and await portal_counters.adjust(deltas, at) != set(deltas):
        raise RuntimeError("the counters of a locked portal do not fit a decided change")

    gone = [d.user for d in decided if d.decision.transition.deletes]
    stay = [d for d in decided if not d.decision.transition.deletes]
    if gone:
        await erasure.erase([user.id for user in gone])
        await kept_names.keep_names(gone, portals, at)
    changed = [d for d in stay if d.changes_columns or (extra_columns or {}).get(d.user.id)]
    if changed:
        await user_changes.update_status(
            [_status_change(d, at, (extra_columns or {}).get(d.user.id, {})) for d in changed]
        )
    if stay and ends_sessions:
        await sessions.end([d.user.key for d in stay], at, keep_session=keep_session)


async def record_changes(
    runtime: Runtime,
    what: Action | Event,
    decided: Sequence[PlannedChange],
    at: datetime,
    *,
    actor_id: UUID | None,
    operation: OperationRow | None = None,
) -> None:
    """Write one audit event per changed user. `actor_id` is None if the system caused the change.

    `what` is the action or event that changed the users. The events have the reason and the ticket of `operation`.
    """
    spec = ACTIONS[what] if isinstance(what, Action) else EVENTS[what]
    rows = [_event(runtime, spec.audit_event, d.user, at, actor_id, _changes(d, spec), operation) for d in decided]
    await audit.record(rows)


async def record_notices(runtime: Runtime, event: str, users: Sequence[UserRow], at: datetime) -> None:
    """Write one audit event of the type `event` per user. The event has no actor and no changed fields."""
    await audit.record([_event(runtime, event, user, at) for user in users])


def _event(
    runtime: Runtime,
    event: str,
    user: UserRow,
    at: datetime,
    actor_id: UUID | None = None,
    changes: list[dict[str, Any]] | None = None,
    operation: OperationRow | None = None,
) -> AuditRow:
    """Return the row of an audit event about the user. The row is not stored."""
    return AuditRow(
        id=runtime.new_id(),
        at=at,
        event=event,
        actor_id=actor_id,
        mssp_id=user.mssp_id,
        portal_id=user.portal_id,
        user_id=user.id,
        changes=changes or [],
        reason=operation.reason if operation else None,
        ticket=operation.ticket if operation else None,
        operation_id=operation.id if operation else None,
    )


def _deltas(decided: Sequence[PlannedChange]) -> dict[UUID, dict[str, int]]:
    before = Counter(
        (u.portal_id, CountedUser(u.status, u.status_reason, u.role, u.holds_seat, u.portal_access))
        for u in (d.user for d in decided)
    )
    after = Counter(
        (user.portal_id, CountedUser(to.status, to.status_reason, new.role, new.holds_seat, new.portal_access))
        for user, new, to in ((d.user, d.decision, d.decision.transition) for d in decided)
        if to.status is not None
    )
    return counter_changes(before, after)


def _second_factor_changed(user: UserRow, at: datetime, actor_id: UUID | None) -> list[Notification]:
    about = f"{user.id}:{at.isoformat()}"
    return notifications.notification_for(MailKind.SECOND_FACTOR_CHANGED, user, about, actor_id=actor_id)


def _extra_columns(d: PlannedChange, spec: ActionSpec[Action], at: datetime, *, mailed: bool) -> dict[str, Any]:
    """Return the columns, besides the status, that the action writes. `mailed`: whether the action mails the user."""
    extra: dict[str, Any] = {}
    if spec.removes_second_factor:
        extra |= {"mfa_enrolled": False, "modified_at": at, "version": d.user.version + 1}
    if mailed and spec.cooldown:
        extra[spec.cooldown] = at
    return extra


def _status_change(d: PlannedChange, at: datetime, extra_columns: Mapping[str, Any]) -> StatusChange:
    """Return the status columns that a change writes. The change must not delete the user."""
    user, transition = d.user, d.decision.transition
    assert transition.status is not None, "a user who is not deleted"  # noqa: S101  # for the type checker: the others are erased
    enters = CATEGORY[transition.status] is Category.ENABLED and user.category is not Category.ENABLED
    return StatusChange(
        id=user.id,
        status=transition.status,
        status_reason=transition.status_reason,
        resume_status=transition.resume_status,
        resume_reason=transition.resume_reason,
        category=CATEGORY[transition.status],
        status_rank=STATUS_RANK[transition.status],
        role=d.decision.role,
        role_rank=ROLE_RANK[d.decision.role],
        holds_seat=d.decision.holds_seat,
        locked_for_good=user.locked_for_good and user.status is transition.status is Status.LOCKED_OUT,
        mfa_enrolled=user.mfa_enrolled,
        reset_mailed_at=user.reset_mailed_at,
        verification_mailed_at=user.verification_mailed_at,
        idle_since=at if enters else None,
        status_changed_at=at if d.changes_status else user.status_changed_at,
        modified_at=at if d.changes_columns else user.modified_at,
        version=user.version + d.changes_columns,
    )._replace(**extra_columns)


def _changes(d: PlannedChange, spec: ActionSpec[Action] | EventSpec) -> list[dict[str, Any]]:
    transition = d.decision.transition
    fields = (
        ("status", d.user.status, transition.status),
        ("statusReason", d.user.status_reason, transition.status_reason),
        ("role", d.user.role, d.decision.role),
        ("holdsSeat", str(d.user.holds_seat).lower(), str(d.decision.holds_seat).lower()),
        *((("mfaEnrolled", "true", "false"),) if _removes_second_factor(spec) else ()),
    )
    return [{"field": name, "before": before, "after": after} for name, before, after in fields if before != after]


def _removes_second_factor(spec: ActionSpec[Action] | EventSpec) -> bool:
    return isinstance(spec, ActionSpec) and spec.removes_second_factor
