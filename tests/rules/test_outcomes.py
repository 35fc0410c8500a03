"""One answer per user, and what they add up to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.lifecycle.statuses import Status
from rules.outcomes import Outcome, OutcomeStatus, State, refused, succeeded, summary_of
from rules.refusals import OUTCOME_CODES, Code
from tests.rules.cases import an_id

DONE = succeeded(an_id(), Status.ACTIVE, Status.SUSPENDED)
SKIPPED = refused(an_id(), Status.SUSPENDED, Code.ALREADY_IN_STATE)
MISSING = refused(None, None, Code.NOT_FOUND)

outcomes = st.one_of(
    st.just(DONE), st.sampled_from(OUTCOME_CODES).map(lambda code: refused(an_id(), Status.ACTIVE, code))
)


def test_whoever_is_skipped_stays_where_he_was() -> None:
    assert SKIPPED.status is OutcomeStatus.SKIPPED
    assert SKIPPED.previous_status is SKIPPED.new_status is Status.SUSPENDED


def test_whoever_is_not_found_has_no_status() -> None:
    assert (MISSING.previous_status, MISSING.new_status) == (None, None)


def test_whoever_is_deleted_has_no_status_afterwards() -> None:
    gone = succeeded(an_id(), Status.ACTIVE, None)

    assert (gone.status, gone.previous_status, gone.new_status) == (OutcomeStatus.SUCCEEDED, Status.ACTIVE, None)


@pytest.mark.parametrize(
    ("answers", "state"),
    [
        ([DONE, DONE], State.SUCCEEDED),
        ([DONE, SKIPPED], State.PARTIALLY_SUCCEEDED),
        ([MISSING, DONE], State.PARTIALLY_SUCCEEDED),
        ([SKIPPED, MISSING], State.FAILED),
    ],
)
def test_all_some_or_none_make_the_state(answers: list[Outcome], state: State) -> None:
    assert summary_of(answers).state is state


@given(st.lists(outcomes, min_size=1))
def test_every_answer_is_counted_once(answers: list[Outcome]) -> None:
    summary = summary_of(answers)

    assert summary.requested == len(answers) == summary.succeeded + summary.skipped + summary.failed
    assert sum(times for _, times in summary.by_reason) == summary.skipped + summary.failed


@given(st.lists(outcomes))
def test_reasons_come_most_frequent_first_and_each_once(answers: list[Outcome]) -> None:
    reasons = summary_of(answers).by_reason

    assert [times for _, times in reasons] == sorted((times for _, times in reasons), reverse=True)
    assert len({code for code, _ in reasons}) == len(reasons)


@given(st.permutations([DONE, SKIPPED, MISSING, MISSING, refused(an_id(), Status.ACTIVE, Code.NO_SEAT_AVAILABLE)]))
def test_the_summary_does_not_depend_on_the_order(answers: list[Outcome]) -> None:
    assert summary_of(answers).by_reason == (
        (Code.NOT_FOUND, 2),
        (Code.ALREADY_IN_STATE, 1),
        (Code.NO_SEAT_AVAILABLE, 1),
    )
