"""How one user counts in the counters of the tiles."""

from __future__ import annotations

from uuid import uuid4

import pytest

from rules.access import Role
from rules.lifecycle.counters import CountedUser, counter_changes, increments
from rules.lifecycle.statuses import Status, StatusReason

NOT_ENABLED = {Status.STAGED, Status.PROVISIONED, Status.SUSPENDED, Status.DEACTIVATED}


@pytest.mark.parametrize("status", Status)
def test_each_user_counts_once_in_the_own_status(status: Status) -> None:  # L4
    found = increments(status, None, Role.PORTAL_USER, holds_seat=False, portal_access=True)

    assert found == {status.value.lower(): 1}


@pytest.mark.parametrize("status", Status)
def test_a_held_seat_counts_in_every_status(status: Status) -> None:
    found = increments(status, None, Role.PORTAL_USER, holds_seat=True, portal_access=True)

    assert found["seats_used"] == 1


@pytest.mark.parametrize("reason", [None, *StatusReason])
@pytest.mark.parametrize("status", Status)
def test_only_a_deactivated_user_with_that_reason_waits_for_a_seat(status: Status, reason: StatusReason | None) -> None:
    found = increments(status, reason, Role.PORTAL_USER, holds_seat=False, portal_access=True)

    assert found["waiting_for_seat"] == (status is Status.DEACTIVATED and reason is StatusReason.WAITING_FOR_SEAT)


@pytest.mark.parametrize("status", Status)
def test_an_admin_counts_as_one_while_enabled(status: Status) -> None:
    found = increments(status, None, Role.PORTAL_ADMIN, holds_seat=False, portal_access=True)

    assert found["enabled_admins"] == (status not in NOT_ENABLED)


@pytest.mark.parametrize("status", Status)
def test_an_admin_without_access_to_the_portal_is_no_enabled_admin(status: Status) -> None:  # E19
    found = increments(status, None, Role.PORTAL_ADMIN, holds_seat=False, portal_access=False)

    assert found["enabled_admins"] == 0
    assert found["counted_admins"] == (status is not Status.DEACTIVATED)


@pytest.mark.parametrize("status", Status)
def test_an_admin_counts_against_the_limit_until_deactivated(status: Status) -> None:  # L2
    found = increments(status, None, Role.PORTAL_ADMIN, holds_seat=False, portal_access=True)

    assert found["counted_admins"] == (status is not Status.DEACTIVATED)
    assert not increments(status, None, Role.PORTAL_USER, holds_seat=False, portal_access=True)["counted_admins"]


def test_only_what_users_change_is_added_to_the_counters_of_their_portals() -> None:  # L4
    one, other, still = uuid4(), uuid4(), uuid4()
    active = CountedUser(Status.ACTIVE, None, Role.PORTAL_USER, True, True)
    gone = CountedUser(Status.DEACTIVATED, None, Role.PORTAL_USER, False, True)

    added = counter_changes(
        {(one, active): 3, (other, active): 1, (still, gone): 2}, {(one, gone): 3, (still, gone): 2}
    )

    assert added == {one: {"active": -3, "seats_used": -3, "deactivated": 3}, other: {"active": -1, "seats_used": -1}}
