"""Decisions about the targets of a bulk run, in order, and their outcomes."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from models.operations import OutcomeRow
from models.users.table import UserRow
from rules.lifecycle.decision_types import ActionRequest
from rules.lifecycle.decisions import apply_to_portal_state
from rules.lifecycle.statuses import Status
from rules.outcomes import OutcomeStatus
from rules.refusals import Code, Refusal
from services.bulk.plan import BulkPlan
from services.bulk.results import storable_id
from services.bulk.targets.target import Target
from services.lifecycle.effects import PlannedChange
from services.lifecycle.portal_locks import LockedPortals


def undecided_outcomes(new_id: Callable[[], UUID], operation_id: UUID, targets: Sequence[Target]) -> list[OutcomeRow]:
    """Return an outcome for each target: SKIPPED with the reason NOT_FOUND. `decide_all` replaces these outcomes."""
    return [
        OutcomeRow(
            id=new_id(),
            operation_id=operation_id,
            position=position,
            sent_id=storable_id(target.sent),
            user_id=None,
            portal_id=target.portal_id,
            status=OutcomeStatus.SKIPPED,
            reason=Code.NOT_FOUND,
            previous_status=None,
            new_status=None,
        )
        for position, target in enumerate(targets)
    ]


def decide_all(
    plan: BulkPlan,
    locked: LockedPortals,
    targets: Sequence[Target],
    outcomes: Sequence[OutcomeRow],
    mail_free_at: Mapping[UUID, datetime],
    *,
    dry_run: bool,
) -> tuple[list[OutcomeRow], dict[UUID, PlannedChange]]:
    """Decide about each target. Return the outcomes in order, and the changes to write by user id.

    Each decision sees the seats and admins of the portal as the earlier decisions leave them. Of several targets with
    an equal `key`, only the first is decided. The others are skipped with DUPLICATE_IN_REQUEST. `mail_free_at` has the
    users that cannot be mailed yet, each with the time from which a mail is allowed.
    """
    decided: list[OutcomeRow] = []
    changes: dict[UUID, PlannedChange] = {}
    first: dict[Hashable, OutcomeRow] = {}
    for target, outcome in zip(targets, outcomes, strict=True):
        earlier = first.get(target.key) if target.key is not None else None
        user = target.user
        if earlier is not None:
            outcome = _skipped(outcome, earlier.user_id, earlier.new_status, Refusal(Code.DUPLICATE_IN_REQUEST))
        elif user is None:
            outcome = _skipped(outcome, None, None, target.refusal or Refusal(Code.NOT_FOUND))
        else:
            free_at = mail_free_at.get(user.id)
            state = locked.portal_states[user.portal_id]
            request = ActionRequest(
                plan.action,
                locked.actor,
                user,
                state,
                locked.at,
                mail_free_at=free_at,
                is_new=target.is_new,
                access=target.access,
            )
            stored = None if target.is_new else user
            try:
                decision = plan.decide(request)
            except Refusal as refusal:
                outcome = _skipped(outcome, stored and stored.id, stored and stored.status, refusal)
            else:
                apply_to_portal_state(state, decision)
                changes[user.id] = PlannedChange(user, decision)
                outcome = _succeeded(outcome, user, stored, decision.transition.status, dry_run=dry_run)
        first.setdefault(target.key, outcome)
        decided.append(outcome)
    return decided, changes


def abort(targets: Sequence[Target], outcomes: Sequence[OutcomeRow]) -> list[OutcomeRow]:
    """Return the outcomes of an all-or-nothing run in which a target was refused. No user is changed.

    A refused target keeps its reason. The other targets get the reason ABORTED_BY_POLICY. In each outcome, the previous
    and the new status are the user's stored status, or None if there is no user.
    """
    return [_aborted(target, outcome) for target, outcome in zip(targets, outcomes, strict=True)]


def _aborted(target: Target, outcome: OutcomeRow) -> OutcomeRow:
    user = None if target.is_new else target.user
    return outcome._replace(
        user_id=user and user.id,
        status=OutcomeStatus.SKIPPED,
        reason=outcome.reason or Code.ABORTED_BY_POLICY,
        previous_status=user and user.status,
        new_status=user and user.status,
    )


def _skipped(outcome: OutcomeRow, user_id: UUID | None, status: Status | None, refusal: Refusal) -> OutcomeRow:
    return outcome._replace(
        user_id=user_id,
        reason=refusal.code,
        previous_status=status,
        new_status=status,
        retry_at=refusal.retry_at,
        field=refusal.path[-1] if refusal.path else None,
    )


def _succeeded(
    outcome: OutcomeRow, user: UserRow, stored: UserRow | None, status: Status | None, *, dry_run: bool
) -> OutcomeRow:
    """Return the outcome with the status SUCCEEDED and the user's new status `status`.

    `stored` is None for a new user. A new user has no id in a dry run, because the user is not stored.
    """
    return outcome._replace(
        user_id=None if stored is None and dry_run else user.id,
        status=OutcomeStatus.SUCCEEDED,
        reason=None,
        previous_status=stored and stored.status,
        new_status=status,
    )
