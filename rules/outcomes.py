"""The outcomes of a bulk operation, one for each user, and their summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from rules.refusals import Code


class OutcomeStatus(StrEnum):
    """The result of a bulk operation for one user."""

    SUCCEEDED = "SUCCEEDED"
    SKIPPED = "SKIPPED"
    FAILED = "FAILED"


class OperationState(StrEnum):
    """The state of a bulk operation. GraphQL: BulkOperationState."""

    PREVIEW = "PREVIEW"
    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    PARTIALLY_SUCCEEDED = "PARTIALLY_SUCCEEDED"
    UNCHANGED = "UNCHANGED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class ErrorPolicy(StrEnum):
    """What a bulk operation does if some users cannot be changed.

    PARTIAL changes the other users. ALL_OR_NOTHING changes no user.
    """

    PARTIAL = "PARTIAL"
    ALL_OR_NOTHING = "ALL_OR_NOTHING"


class Outcome(Protocol):
    """A protocol for the outcome for one user. `reason` is a code, or None for SUCCEEDED."""

    @property
    def status(self) -> OutcomeStatus: ...
    @property
    def reason(self) -> Code | None: ...


@dataclass(frozen=True, slots=True)
class Summary:
    """How many outcomes have each status. `requested` is the number of all outcomes.

    `by_reason` counts outcomes by reason, the greatest number first: `((LAST_ADMIN, 3), (NO_EMAIL, 1))`.
    """

    requested: int
    succeeded: int
    skipped: int
    failed: int
    by_reason: tuple[tuple[Code, int], ...]

    @property
    def state(self) -> OperationState:
        """The state of a finished operation.

        - SUCCEEDED if all outcomes are SUCCEEDED.
        - PARTIALLY_SUCCEEDED if only some outcomes are SUCCEEDED.
        - UNCHANGED if all outcomes are SKIPPED.
        - FAILED otherwise.
        """
        if self.succeeded == self.requested:
            return OperationState.SUCCEEDED
        if self.succeeded:
            return OperationState.PARTIALLY_SUCCEEDED
        return OperationState.FAILED if self.failed else OperationState.UNCHANGED


def summarize(answers: Iterable[tuple[OutcomeStatus, Code | None, int]]) -> Summary:
    """Return the summary of counted outcomes: each item is a status, a reason, and a number of outcomes."""
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


def summary_of(outcomes: Sequence[Outcome]) -> Summary:
    """Return the summary of `outcomes`."""
    return summarize((outcome.status, outcome.reason, 1) for outcome in outcomes)
