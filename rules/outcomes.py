"""One answer per user, and what they add up to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from rules.lifecycle.statuses import Status
from rules.refusals import Code


class OutcomeStatus(StrEnum):
    SUCCEEDED = "SUCCEEDED"
    SKIPPED = "SKIPPED"
    FAILED = "FAILED"


class State(StrEnum):
    """Of an operation."""

    PREVIEW = "PREVIEW"
    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    PARTIALLY_SUCCEEDED = "PARTIALLY_SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one selected user. `reason` is None exactly when it succeeded; `field` is the input field at
    fault, where one is."""

    user_id: UUID | None
    status: OutcomeStatus
    reason: Code | None
    previous_status: Status | None
    new_status: Status | None
    retry_at: datetime | None = None
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    requested: int
    succeeded: int
    skipped: int
    failed: int
    by_reason: tuple[tuple[Code, int], ...]

    @property
    def state(self) -> State:
        """All succeeded, some, or none."""
        if self.succeeded == self.requested:
            return State.SUCCEEDED
        return State.PARTIALLY_SUCCEEDED if self.succeeded else State.FAILED


def summarize(answers: Iterable[tuple[OutcomeStatus, Code | None, int]]) -> Summary:
    """Adds up answers with how often each was given; reasons come most frequent first."""
    statuses: Counter[OutcomeStatus] = Counter()
    reasons: Counter[Code] = Counter()
    for status, reason, times in answers:
        statuses[status] += times
        if reason:
            reasons[reason] += times
    order = {code: rank for rank, code in enumerate(Code)}
    return Summary(
        requested=statuses.total(),
        succeeded=statuses[OutcomeStatus.SUCCEEDED],
        skipped=statuses[OutcomeStatus.SKIPPED],
        failed=statuses[OutcomeStatus.FAILED],
        by_reason=tuple(sorted(reasons.items(), key=lambda item: (-item[1], order[item[0]]))),
    )


def refused(
    user_id: UUID | None,
    standing: Status | None,
    code: Code,
    retry_at: datetime | None = None,
    *,
    field: str | None = None,
) -> Outcome:
    """A rule said no: nothing changed."""
    return Outcome(user_id, OutcomeStatus.SKIPPED, code, standing, standing, retry_at, field)


def succeeded(user_id: UUID | None, before: Status | None, after: Status | None) -> Outcome:
    """`user_id` is None for somebody who would be new, `before` for somebody who is."""
    return Outcome(user_id, OutcomeStatus.SUCCEEDED, None, before, after)


def summary_of(outcomes: Sequence[Outcome]) -> Summary:
    return summarize((outcome.status, outcome.reason, 1) for outcome in outcomes)
