"""The effect of each action on each status (docs/requirements.md#actions)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.lifecycle.actions import ACTIONS, Action
from rules.lifecycle.decisions import transition
from rules.lifecycle.statuses import CATEGORY, RESUMABLE, Category, Status, StatusReason
from rules.refusals import Code, Refusal
from tests.rules.cases import AUser
from tests.rules.requirements import Cell, table

REASON_OF = {
    Status.ACTIVE: None,
    Status.AWAITING_NEW_PASSWORD: StatusReason.PASSWORD_EXPIRED,
    Status.RECOVERY: StatusReason.RESET_REQUESTED_BY_ADMIN,
}
"""The three statuses to which a user can return after a lock or a deactivation, each with its status reason."""

LEAVES_AND_RETURNS = (Action.LOCK, Action.UNLOCK, Action.DEACTIVATE, Action.ACTIVATE)
CELLS = [pytest.param(*key, cell, id=f"{key[0]}-{key[1]}") for key, cell in table().items()]

resumable = st.sampled_from(sorted(REASON_OF))
detours = st.lists(st.sampled_from(LEAVES_AND_RETURNS), max_size=12)


def tried(action: Action, user: AUser) -> AUser:
    """Return the user after the action. If the action is refused, return the user unchanged."""
    try:
        return user.after(transition(action, user))
    except Refusal:
        return user


@pytest.mark.parametrize(("action", "status", "cell"), CELLS)
def test_the_table_holds_cell_by_cell(action: Action, status: Status, cell: Cell) -> None:  # K1, L8, L9, L10, L13
    user = replace(
        AUser(status, StatusReason.IDLE, Status.RECOVERY, StatusReason.RESET_REQUESTED_BY_ADMIN),
        pending_email="new@acme.test",
        mfa_enrolled=True,
    )

    try:
        found: Status | Code | None = transition(action, user).status
    except Refusal as refusal:
        found = refusal.code

    assert found == (cell.refusal or cell.leads_to(status, resume=Status.RECOVERY))


@pytest.mark.parametrize(
    ("action", "status", "cell"), [(*key, cell) for key, cell in table().items() if cell.otherwise]
)
def test_what_is_done_under_a_condition_is_refused_where_it_does_not_hold(
    action: Action, status: Status, cell: Cell
) -> None:  # K14, T16
    user = AUser(status, pending_email=None, mfa_enrolled=False)

    with pytest.raises(Refusal) as refused:
        transition(action, user)

    assert refused.value.code is cell.otherwise


@pytest.mark.parametrize(("action", "status", "cell"), CELLS)
def test_a_refusal_suggests_what_the_table_says(action: Action, status: Status, cell: Cell) -> None:
    suggested = ACTIONS[action].suggested.get(cell.refusal) if cell.refusal else None

    assert suggested == cell.suggests


def test_the_table_is_about_these_actions_and_no_others() -> None:
    assert set(ACTIONS) == {action for action, _ in table()}
    assert len(table()) == len(ACTIONS) * len(Status)


def test_every_action_has_a_row() -> None:
    assert set(ACTIONS) == set(Action), "rules/lifecycle/actions.py: give each action one row."


@pytest.mark.parametrize("action", ACTIONS)
def test_an_action_has_a_cell_for_every_status(action: Action) -> None:
    assert set(ACTIONS[action].transitions) == set(Status)


def test_every_status_is_in_exactly_one_category() -> None:  # L4
    expected = {
        Category.ENABLED: {Status.ACTIVE, Status.AWAITING_NEW_PASSWORD, Status.RECOVERY, Status.LOCKED_OUT},
        Category.DISABLED: {Status.SUSPENDED, Status.DEACTIVATED},
        Category.UNCONFIRMED: {Status.STAGED, Status.PROVISIONED},
    }

    found = {category: {status for status in Status if CATEGORY[status] is category} for category in Category}

    assert found == expected


@pytest.mark.parametrize("action", [Action.LOCK, Action.DEACTIVATE])
def test_what_an_admin_did_differs_from_idleness_and_the_rest(action: Action) -> None:  # T11
    after = transition(action, AUser())

    assert after.status_reason is StatusReason.ADMIN_ACTION


@pytest.mark.parametrize("status", sorted(RESUMABLE))
@pytest.mark.parametrize(
    ("away", "back"),
    [(Action.LOCK, Action.UNLOCK), (Action.LOCK, Action.ACTIVATE), (Action.DEACTIVATE, Action.ACTIVATE)],
)
def test_a_pending_reset_is_not_undone_by_a_detour(status: Status, away: Action, back: Action) -> None:  # T18, T19
    user = AUser(status, REASON_OF[status])

    there = user.after(transition(away, user))
    home = there.after(transition(back, there))

    assert (there.resume_status, there.resume_reason) == (status, REASON_OF[status])
    assert home == user


@pytest.mark.parametrize("status", sorted(RESUMABLE))
@pytest.mark.parametrize(
    "detour", [(Action.LOCK, Action.UNLOCK), (Action.DEACTIVATE, Action.ACTIVATE), (Action.UNLOCK,)]
)
def test_a_locked_out_user_resumes_the_status_before(status: Status, detour: tuple[Action, ...]) -> None:
    user = AUser(Status.LOCKED_OUT, StatusReason.TOO_MANY_FAILED_SIGN_INS, status, REASON_OF[status])

    for action in detour:
        user = user.after(transition(action, user))

    assert (user.status, user.status_reason, user.resume_status) == (status, REASON_OF[status], None)


def test_a_suspended_user_who_is_deactivated_is_activated_to_before_the_suspension() -> None:
    suspended = AUser(Status.SUSPENDED, StatusReason.IDLE, Status.RECOVERY, StatusReason.RESET_REQUESTED_BY_ADMIN)

    deactivated = suspended.after(transition(Action.DEACTIVATE, suspended))
    active = deactivated.after(transition(Action.ACTIVATE, deactivated))

    assert deactivated.status_reason is StatusReason.ADMIN_ACTION
    assert (active.status, active.status_reason) == (Status.RECOVERY, StatusReason.RESET_REQUESTED_BY_ADMIN)


@pytest.mark.parametrize("resume", [Status.ACTIVE, None])
def test_a_user_who_waited_for_a_seat_becomes_active(resume: Status | None) -> None:
    waiting = AUser(Status.DEACTIVATED, StatusReason.WAITING_FOR_SEAT, resume)

    after = transition(Action.ACTIVATE, waiting)

    assert (after.status, after.status_reason, after.resume_status) == (Status.ACTIVE, None, None)


@given(status=resumable, actions=detours)
def test_no_way_through_locks_and_deactivations_leads_to_another_of_the_three(  # T18, T19, L8, L9
    status: Status, actions: list[Action]
) -> None:
    start = user = AUser(status, REASON_OF[status])

    for action in actions:
        user = tried(action, user)

        if user.status in RESUMABLE:
            assert user == start
        else:
            assert (user.resume_status, user.resume_reason) == (status, REASON_OF[status])


@pytest.mark.parametrize("status", sorted(set(Status) - {Status.STAGED, Status.PROVISIONED}))
def test_signing_out_changes_nothing_else(status: Status) -> None:
    user = AUser(status, StatusReason.IDLE, Status.RECOVERY, StatusReason.RESET_REQUESTED_BY_ADMIN)

    after = user.after(transition(Action.REVOKE_SESSIONS, user))

    assert after == user


def test_what_takes_access_away_or_changes_the_role_ends_sessions() -> None:  # L9
    assert {action for action, spec in ACTIONS.items() if spec.ends_sessions} == {
        Action.DEACTIVATE,
        Action.LOCK,
        Action.DELETE,
        Action.REVOKE_SESSIONS,
        Action.RESET_PASSWORD,
        Action.RESET_MFA,
        Action.CHANGE_ROLE,
    }
