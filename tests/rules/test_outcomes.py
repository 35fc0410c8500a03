"""The outcome of each user, and the summary of all outcomes."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.outcomes import OperationState, OutcomeStatus, summary_of
from rules.refusals import OUTCOME_CODES, Code


class Ended(NamedTuple):
    status: OutcomeStatus
    reason: Code | None = None


def skipped(reason: Code) -> Ended:
    return Ended(OutcomeStatus.SKIPPED, reason)


DONE = Ended(OutcomeStatus.SUCCEEDED)
SKIPPED = skipped(Code.ALREADY_IN_STATE)
MISSING = skipped(Code.NOT_FOUND)
FAILED = Ended(OutcomeStatus.FAILED, Code.INTERNAL_ERROR)

outcomes = st.one_of(st.just(DONE), st.sampled_from(OUTCOME_CODES).map(skipped))


@pytest.mark.parametrize(
    ("answers", "state"),
    [
        ([DONE, DONE], OperationState.SUCCEEDED),
        ([DONE, SKIPPED], OperationState.PARTIALLY_SUCCEEDED),
        ([MISSING, DONE], OperationState.PARTIALLY_SUCCEEDED),
        ([SKIPPED, MISSING], OperationState.UNCHANGED),
        ([SKIPPED, FAILED], OperationState.FAILED),
        ([DONE, FAILED], OperationState.PARTIALLY_SUCCEEDED),
    ],
)
def test_all_some_or_none_make_the_state(answers: list[Ended], state: OperationState) -> None:
    assert summary_of(answers).state is state


@given(st.lists(outcomes, min_size=1))
def test_every_answer_is_counted_once(answers: list[Ended]) -> None:
    summary = summary_of(answers)

    assert summary.requested == len(answers) == summary.succeeded + summary.skipped + summary.failed
    assert sum(times for _, times in summary.by_reason) == summary.skipped + summary.failed


@given(st.lists(outcomes))
def test_reasons_come_most_frequent_first_and_each_once(answers: list[Ended]) -> None:
    reasons = summary_of(answers).by_reason

    assert [times for _, times in reasons] == sorted((times for _, times in reasons), reverse=True)
    assert len({code for code, _ in reasons}) == len(reasons)


@given(st.permutations([DONE, SKIPPED, MISSING, MISSING, skipped(Code.NO_SEAT_AVAILABLE)]))
def test_the_summary_does_not_depend_on_the_order(answers: list[Ended]) -> None:
    assert summary_of(answers).by_reason == (
        (Code.NOT_FOUND, 2),
        (Code.ALREADY_IN_STATE, 1),
        (Code.NO_SEAT_AVAILABLE, 1),
    )
