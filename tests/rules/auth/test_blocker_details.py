"""The start and the end of each blocker (a reason why a user cannot sign in)."""

from __future__ import annotations

from datetime import timedelta

from rules.auth.blocker_details import BLOCKER_TEXTS, details
from rules.auth.sign_in_blockers import Blocker
from rules.lifecycle.statuses import Status
from tests.rules.auth.test_sign_in_blockers import OPEN, APortal
from tests.rules.cases import AUser


def test_every_blocker_has_a_message() -> None:
    assert BLOCKER_TEXTS.keys() == set(Blocker)
    assert all(text.message.endswith(".") for text in BLOCKER_TEXTS.values())


def test_a_blocker_of_the_status_began_with_the_status() -> None:
    user = AUser(Status.SUSPENDED)

    status, portal = details([Blocker.SUSPENDED, Blocker.PORTAL_INACTIVE], user, OPEN)

    assert (status.since, portal.since) == (user.status_changed_at, None)


def test_what_waits_behind_another_status_has_no_known_beginning() -> None:
    user = AUser(Status.SUSPENDED, resume_status=Status.RECOVERY)

    (reset,) = details([Blocker.RESET_PENDING], user, OPEN)

    assert reset.since is None


def test_only_a_lock_that_ends_by_itself_has_an_end() -> None:
    user, portal = AUser(Status.LOCKED_OUT), APortal(lockout_minutes=15)

    (ends,) = details([Blocker.LOCKED_OUT], user, portal)
    (stays,) = details([Blocker.LOCKED_OUT], user, OPEN)

    assert ends.until == user.status_changed_at + timedelta(minutes=15)
    assert stays.until is None
