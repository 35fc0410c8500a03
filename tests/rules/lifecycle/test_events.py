"""The table of docs/requirements.md#events, cell by cell, and the users that an event does not change."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rules.access import Role
from rules.lifecycle.events import EVENTS, Event, decide_event
from rules.lifecycle.licenses import SeatMode, UserKind
from rules.lifecycle.statuses import Status, StatusReason
from rules.refusals import Code, Refusal
from tests.rules.cases import AUser, a_portal, seated

S, E = Status, Event
RESUMABLE = (S.ACTIVE, S.AWAITING_NEW_PASSWORD, S.RECOVERY)
WRONG, EXPIRED, ASKED = (
    StatusReason.TOO_MANY_FAILED_SIGN_INS,
    StatusReason.PASSWORD_EXPIRED,
    StatusReason.RESET_REQUESTED_BY_ADMIN,
)
LEADS: dict[tuple[Event, Status], tuple[Status | None, StatusReason | None]] = {
    (E.ACCEPTED, S.PROVISIONED): (S.ACTIVE, None),
    **{(E.LOCKED_OUT, status): (S.LOCKED_OUT, WRONG) for status in RESUMABLE},
    **{(E.LOCKED_FOR_GOOD, status): (S.LOCKED_OUT, WRONG) for status in RESUMABLE},
    (E.LOCKED_FOR_GOOD, S.LOCKED_OUT): (S.LOCKED_OUT, None),
    (E.LOCK_ENDED, S.LOCKED_OUT): (S.RECOVERY, ASKED),
    (E.PASSWORD_EXPIRED, S.ACTIVE): (S.AWAITING_NEW_PASSWORD, EXPIRED),
    **{(E.PASSWORD_SET, status): (S.ACTIVE, None) for status in (*RESUMABLE, S.LOCKED_OUT)},
    **{(E.WENT_IDLE, status): (S.SUSPENDED, StatusReason.IDLE) for status in (*RESUMABLE, S.LOCKED_OUT)},
    (E.RETENTION_ENDED, S.DEACTIVATED): (None, None),
    (E.INVITATION_EXPIRED, S.PROVISIONED): (S.PROVISIONED, None),
}
"""For each event and status, the new status and its reason. A missing pair means that the event is refused.

Users in LOCKED_OUT, SUSPENDED or DEACTIVATED had the status RECOVERY before.
"""


def standing(status: Status) -> AUser:
    """Return a user in the status. A LOCKED_OUT, SUSPENDED or DEACTIVATED user gets RECOVERY as status to resume."""
    if status in (S.LOCKED_OUT, S.SUSPENDED, S.DEACTIVATED):
        return seated(status=status, resume_status=S.RECOVERY, resume_reason=ASKED)
    return seated(status=status)


def refusal_of(event: Event, user: AUser, **portal: object) -> Code | None:
    try:
        decide_event(event, user, a_portal(**portal))
    except Refusal as refusal:
        return refusal.code
    return None


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("event", Event)
def test_each_event_follows_the_table_and_concerns_no_other_user(event: Event, status: Status) -> None:
    user = standing(status)

    if (event, status) not in LEADS:
        assert refusal_of(event, user) is not None
        return
    transition = decide_event(event, user, a_portal()).transition

    assert (transition.status, transition.status_reason) == LEADS[event, status]


def test_the_table_has_a_cell_for_each_status() -> None:
    assert set(EVENTS) == set(Event)
    assert all(set(spec.transitions) == set(Status) for spec in EVENTS.values())


@pytest.mark.parametrize("event", [E.LOCKED_OUT, E.WENT_IDLE])
@pytest.mark.parametrize("status", [S.AWAITING_NEW_PASSWORD, S.RECOVERY])
def test_a_pending_reset_is_not_undone_by_a_lock(event: Event, status: Status) -> None:  # K18
    transition = decide_event(event, seated(status=status, status_reason=ASKED), a_portal()).transition

    assert (transition.resume_status, transition.resume_reason) == (status, ASKED)


def test_accepting_takes_a_seat() -> None:  # K9, L14
    change = decide_event(E.ACCEPTED, standing(S.PROVISIONED), a_portal(seats_total=1, seats_used=0))

    assert (change.transition.status, change.holds_seat, change.seat_change) == (S.ACTIVE, True, 1)


@pytest.mark.parametrize("portal", [{"seats_total": 10}, {"packages_running": False, "seats_total": 0}])
def test_accepting_without_a_free_seat_waits_for_one(portal: dict[str, object]) -> None:  # K10, E1
    change = decide_event(E.ACCEPTED, standing(S.PROVISIONED), a_portal(**portal))

    assert (change.transition.status, change.transition.status_reason) == (S.DEACTIVATED, StatusReason.WAITING_FOR_SEAT)
    assert (change.transition.resume_status, change.seat_change) == (S.ACTIVE, 0)


def test_a_seat_held_since_the_invitation_is_enough() -> None:
    user = seated(SeatMode.ON_INVITE, status=S.PROVISIONED)

    change = decide_event(E.ACCEPTED, user, a_portal(seat_mode=SeatMode.ON_INVITE, seats_total=10))

    assert (change.transition.status, change.seat_change) == (S.ACTIVE, 0)


def test_an_expired_invitation_gives_its_seat_back_and_acceptance_needs_another() -> None:
    invited = seated(SeatMode.ON_INVITE, status=S.PROVISIONED)
    portal = {"seat_mode": SeatMode.ON_INVITE, "seats_total": 10}

    given_back = decide_event(E.INVITATION_EXPIRED, invited, a_portal(**portal))
    accepted = decide_event(E.ACCEPTED, replace(invited, holds_seat=False), a_portal(**portal, seats_used=0))

    assert (given_back.holds_seat, given_back.seat_change) == (False, -1)
    assert (accepted.holds_seat, accepted.seat_change) == (True, 1)


def test_people_of_the_provider_accept_without_a_seat() -> None:
    user = seated(status=S.PROVISIONED, kind=UserKind.INTERNAL)

    assert decide_event(E.ACCEPTED, user, a_portal(seats_total=10)).transition.status is S.ACTIVE


def test_the_last_enabled_admin_never_goes_idle() -> None:
    admin = seated(role=Role.PORTAL_ADMIN)

    assert refusal_of(E.WENT_IDLE, admin, enabled_admins=1) is Code.LAST_ADMIN
    assert refusal_of(E.WENT_IDLE, admin, enabled_admins=2) is None


def test_a_user_who_waits_for_a_seat_is_never_erased() -> None:  # K31
    waiting = replace(standing(S.DEACTIVATED), status_reason=StatusReason.WAITING_FOR_SEAT)

    assert refusal_of(E.RETENTION_ENDED, waiting) is Code.INACTIVE


def test_an_idle_user_keeps_the_seat_and_an_erased_one_had_none() -> None:
    assert decide_event(E.WENT_IDLE, standing(S.ACTIVE), a_portal()).seat_change == 0
    assert decide_event(E.RETENTION_ENDED, standing(S.DEACTIVATED), a_portal()).seat_change == 0
