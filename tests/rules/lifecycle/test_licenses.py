"""Which users hold a seat, and how many seats are free."""

from __future__ import annotations

import pytest

from rules.lifecycle.licenses import SeatMode, UserKind, holds_seat, seats_available
from rules.lifecycle.statuses import Status

WHO_HOLDS_A_SEAT = """
              STAGED PROVISIONED ACTIVE AWAITING_NEW_PASSWORD RECOVERY LOCKED_OUT SUSPENDED DEACTIVATED
ON_ACTIVATION no     no          yes    yes                   yes      yes        yes       no
ON_INVITE     no     yes         yes    yes                   yes      yes        yes       no
UNLIMITED     no     no          no     no                    no       no         no        no
"""


def expected() -> dict[tuple[SeatMode, Status], bool]:
    statuses, *rows = (line.split() for line in WHO_HOLDS_A_SEAT.strip().splitlines())
    return {
        (SeatMode(mode), Status(status)): answer == "yes"
        for mode, *answers in rows
        for status, answer in zip(statuses, answers, strict=True)
    }


@pytest.mark.parametrize(("mode", "status"), expected())
def test_an_external_user_holds_a_seat_as_the_mode_says(mode: SeatMode, status: Status) -> None:  # K30
    assert holds_seat(UserKind.EXTERNAL, status, mode) is expected()[mode, status]


@pytest.mark.parametrize(("mode", "status"), expected())
def test_an_internal_user_never_holds_a_seat(mode: SeatMode, status: Status) -> None:
    assert not holds_seat(UserKind.INTERNAL, status, mode)


@pytest.mark.parametrize("mode", SeatMode)
@pytest.mark.parametrize("kind", UserKind)
def test_a_deleted_user_holds_no_seat(kind: UserKind, mode: SeatMode) -> None:
    assert not holds_seat(kind, None, mode)


def test_every_mode_and_status_is_in_the_table() -> None:
    assert set(expected()) == {(mode, status) for mode in SeatMode for status in Status}


@pytest.mark.parametrize(("total", "used", "left"), [(10, 3, 7), (10, 10, 0), (0, 10, 0), (0, 0, 0), (None, 10, None)])
def test_what_is_left_is_never_below_zero_and_null_when_unlimited(
    total: int | None, used: int, left: int | None
) -> None:  # K29
    assert seats_available(total, used) == left
