"""The blockers of a user: the reasons why the user cannot sign in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from rules.auth.sign_in_blockers import OUTLIVED_BY_SESSIONS, Blocker, blockers
from rules.lifecycle.statuses import Status, StatusReason
from tests.rules.cases import NOON, AUser

WHAT_BLOCKS = """
STAGED                NOT_ONBOARDED
PROVISIONED           NOT_ONBOARDED
ACTIVE                -
AWAITING_NEW_PASSWORD NEW_PASSWORD_REQUIRED
RECOVERY              RESET_PENDING
LOCKED_OUT            LOCKED_OUT
SUSPENDED             SUSPENDED
DEACTIVATED           DEACTIVATED
"""
WAITING_BEHIND = [Status.LOCKED_OUT, Status.SUSPENDED, Status.DEACTIVATED]


@dataclass(frozen=True)
class APortal:
    is_active: bool = True
    password_sign_in_enabled: bool = True
    lockout_minutes: int | None = None


OPEN = APortal()


def expected() -> dict[Status, tuple[Blocker, ...]]:
    rows = (line.split() for line in WHAT_BLOCKS.strip().splitlines())
    return {Status(status): () if blocker == "-" else (Blocker(blocker),) for status, blocker in rows}


@pytest.mark.parametrize("status", Status)
def test_each_status_blocks_as_the_table_says(status: Status) -> None:  # T5, T8
    assert blockers(AUser(status), OPEN, NOON) == expected()[status]


def test_waiting_for_a_seat_differs_from_a_deactivation() -> None:
    waiting = AUser(Status.DEACTIVATED, StatusReason.WAITING_FOR_SEAT, Status.ACTIVE)

    assert blockers(waiting, OPEN, NOON) == (Blocker.WAITING_FOR_SEAT,)


@pytest.mark.parametrize("status", WAITING_BEHIND)
@pytest.mark.parametrize(
    ("resume", "blocker"),
    [(Status.RECOVERY, Blocker.RESET_PENDING), (Status.AWAITING_NEW_PASSWORD, Blocker.NEW_PASSWORD_REQUIRED)],
)
def test_what_waits_behind_a_lock_is_named_as_well(status: Status, resume: Status, blocker: Blocker) -> None:
    found = blockers(AUser(status, resume_status=resume), OPEN, NOON)

    assert set(found) == {blocker, *expected()[status]}


@pytest.mark.parametrize("status", WAITING_BEHIND)
def test_nothing_more_waits_behind_a_lock_of_an_active_user(status: Status) -> None:
    assert blockers(AUser(status, resume_status=Status.ACTIVE), OPEN, NOON) == expected()[status]


@pytest.mark.parametrize(("minutes", "is_over"), [(29, False), (30, True), (31, True)])
def test_a_lockout_is_left_out_as_soon_as_its_minutes_are_over(minutes: int, *, is_over: bool) -> None:
    locked_out = AUser(Status.LOCKED_OUT, StatusReason.TOO_MANY_FAILED_SIGN_INS, Status.ACTIVE)

    found = blockers(locked_out, APortal(lockout_minutes=30), NOON + timedelta(minutes=minutes))

    assert found == (() if is_over else (Blocker.LOCKED_OUT,))


def test_a_reset_that_waited_behind_a_lockout_still_blocks_when_that_is_over() -> None:
    locked_out = AUser(Status.LOCKED_OUT, resume_status=Status.RECOVERY)

    found = blockers(locked_out, APortal(lockout_minutes=30), NOON + timedelta(hours=1))

    assert found == (Blocker.RESET_PENDING,)


@pytest.mark.parametrize("status", [Status.SUSPENDED, Status.DEACTIVATED])
def test_minutes_end_no_other_lock(status: Status) -> None:  # T18
    found = blockers(AUser(status), APortal(lockout_minutes=1), NOON + timedelta(days=365))

    assert found == expected()[status]


def test_without_minutes_a_lockout_lasts_until_an_unlock() -> None:
    assert blockers(AUser(Status.LOCKED_OUT), OPEN, NOON + timedelta(days=365)) == (Blocker.LOCKED_OUT,)


@pytest.mark.parametrize(
    ("status", "blocks"), [(Status.ACTIVE, True), (Status.STAGED, False), (Status.PROVISIONED, False)]
)
def test_a_changed_address_must_be_verified_first(status: Status, *, blocks: bool) -> None:
    found = blockers(AUser(status, pending_email="new@acme.test"), OPEN, NOON)

    assert (Blocker.EMAIL_UNVERIFIED in found) is blocks


@pytest.mark.parametrize("status", Status)
def test_closed_access_blocks_in_each_status(status: Status) -> None:  # E19
    found = blockers(AUser(status, portal_access=False), OPEN, NOON)

    assert set(found) == {*expected()[status], Blocker.PORTAL_ACCESS_CLOSED}


def test_all_blockers_come_in_the_order_of_the_enum() -> None:
    user = AUser(Status.SUSPENDED, resume_status=Status.RECOVERY, pending_email="new@acme.test", portal_access=False)

    found = blockers(user, replace(OPEN, is_active=False, password_sign_in_enabled=False), NOON)

    assert found == (
        Blocker.EMAIL_UNVERIFIED,
        Blocker.RESET_PENDING,
        Blocker.SUSPENDED,
        Blocker.PORTAL_INACTIVE,
        Blocker.PORTAL_ACCESS_CLOSED,
        Blocker.PASSWORD_SIGN_IN_OFF,
    )


def test_a_living_session_outlives_a_lockout_but_nothing_that_takes_access_away() -> None:
    goes_on = {Blocker.LOCKED_OUT, Blocker.NEW_PASSWORD_REQUIRED, Blocker.PASSWORD_SIGN_IN_OFF}

    assert set(OUTLIVED_BY_SESSIONS) == goes_on
