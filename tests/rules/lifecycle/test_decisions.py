"""The guards, conditions that refuse an action: what each of them refuses, and which code is used if several refuse."""

from __future__ import annotations

from copy import deepcopy

import pytest

from rules.access import Role
from rules.lifecycle.actions import Action
from rules.lifecycle.decision_types import ActionRequest, PortalState
from rules.lifecycle.decisions import (
    ADMIN_GUARDS,
    CODES_OF_SELECTION,
    GUARDS_AFTER_TRANSITION,
    GUARDS_BEFORE_TRANSITION,
    SEAT_GUARDS,
    apply_to_portal_state,
    decide,
)
from rules.lifecycle.licenses import UserKind
from rules.lifecycle.statuses import Status
from rules.refusals import Code
from tests.rules.cases import NOON, AUser, a_portal, an_actor, an_id, decided, refusal_of, seated
from tests.rules.requirements import table

ME = an_id()
STAFF = (Role.MSSP_ADMIN, Role.MSSP_TECHNICIAN)
TAKES_ACCESS_AWAY = (Action.DEACTIVATE, Action.LOCK, Action.DELETE, Action.REVOKE_SESSIONS)
GIVES_ACCESS_OR_MAIL = (
    Action.INVITE,
    Action.RESEND_VERIFICATION,
    Action.ACTIVATE,
    Action.UNLOCK,
    Action.RESET_PASSWORD,
)


BOTH_GUARDS_SPEAK = {
    "NOT_ALLOWED before CANNOT_TARGET_SELF": (
        Code.NOT_ALLOWED,
        Action.LOCK,
        AUser(id=ME),
        a_portal(),
        Role.PORTAL_USER,
    ),
    "CANNOT_TARGET_SELF before PORTAL_INACTIVE": (
        Code.CANNOT_TARGET_SELF,
        Action.RESET_PASSWORD,
        AUser(id=ME),
        a_portal(is_active=False),
        Role.PORTAL_ADMIN,
    ),
    "CANNOT_TARGET_SELF before the table": (
        Code.CANNOT_TARGET_SELF,
        Action.LOCK,
        AUser(Status.SUSPENDED, id=ME),
        a_portal(),
        Role.PORTAL_ADMIN,
    ),
    "PORTAL_INACTIVE before the table": (
        Code.PORTAL_INACTIVE,
        Action.ACTIVATE,
        AUser(Status.ACTIVE),
        a_portal(is_active=False),
        Role.MSSP_ADMIN,
    ),
    "the table before NO_EMAIL": (
        Code.UNVERIFIED,
        Action.RESET_PASSWORD,
        AUser(Status.PROVISIONED, email=None),
        a_portal(password_sign_in_enabled=False),
        Role.PORTAL_ADMIN,
    ),
    "NO_EMAIL before PASSWORD_SIGN_IN_OFF": (
        Code.NO_EMAIL,
        Action.RESET_PASSWORD,
        AUser(email=None),
        a_portal(password_sign_in_enabled=False),
        Role.PORTAL_ADMIN,
    ),
    "PASSWORD_SIGN_IN_OFF before COOLDOWN": (
        Code.PASSWORD_SIGN_IN_OFF,
        Action.RESET_PASSWORD,
        AUser(reset_mailed_at=NOON),
        a_portal(password_sign_in_enabled=False),
        Role.PORTAL_ADMIN,
    ),
    "the table before LAST_ADMIN": (
        Code.NOT_CONFIRMED,
        Action.DEACTIVATE,
        AUser(Status.STAGED, role=Role.PORTAL_ADMIN),
        a_portal(enabled_admins=0),
        Role.PORTAL_ADMIN,
    ),
    "the table before LICENSE_PACKAGE_INACTIVE": (
        Code.NOT_CONFIRMED,
        Action.ACTIVATE,
        AUser(Status.STAGED),
        a_portal(packages_running=False, seats_total=0),
        Role.PORTAL_ADMIN,
    ),
    "LICENSE_PACKAGE_INACTIVE before NO_SEAT_AVAILABLE": (
        Code.LICENSE_PACKAGE_INACTIVE,
        Action.ACTIVATE,
        AUser(Status.DEACTIVATED),
        a_portal(packages_running=False, seats_total=0, seats_used=10),
        Role.PORTAL_ADMIN,
    ),
}
"""Requests that two guards refuse. The first value of each is the code that the earlier guard gives."""


@pytest.mark.parametrize(
    ("first", "action", "user", "portal", "role"), BOTH_GUARDS_SPEAK.values(), ids=BOTH_GUARDS_SPEAK
)
def test_the_first_guard_that_speaks_is_the_reason(
    first: Code, action: Action, user: AUser, portal: PortalState, role: Role
) -> None:
    actor = an_actor(role, id=ME)

    assert refusal_of(action, user, portal, actor) is first


def test_the_guards_stand_in_the_order_of_the_requirement() -> None:
    # LAST_ADMIN and LICENSE_PACKAGE_INACTIVE never apply to the same request: who leaves ENABLED takes no seat.
    guards = (*GUARDS_BEFORE_TRANSITION, *GUARDS_AFTER_TRANSITION, *SEAT_GUARDS, *ADMIN_GUARDS)

    assert [*CODES_OF_SELECTION, *(code for code, _ in guards)] == [
        Code.DUPLICATE_IN_REQUEST,
        Code.NOT_FOUND,
        Code.MUST_ENROLL_MFA,
        Code.NOT_ALLOWED,
        Code.CANNOT_TARGET_SELF,
        Code.PORTAL_INACTIVE,
        Code.ALREADY_IN_STATE,
        Code.ALREADY_INVITED,
        Code.ALREADY_IN_STATE,
        Code.ALREADY_IN_STATE,
        Code.NOT_IN_PORTAL,
        Code.ADMIN_ONLY_MODULE,
        Code.INTERNAL_USER_NOT_ALLOWED,
        Code.NO_EMAIL,
        Code.UNVERIFIED,
        Code.PASSWORD_SIGN_IN_OFF,
        Code.COOLDOWN,
        Code.LAST_ADMIN,
        Code.LICENSE_PACKAGE_INACTIVE,
        Code.NO_SEAT_AVAILABLE,
        Code.ADMIN_LIMIT_REACHED,
    ]


@pytest.mark.parametrize("action", [Action.DEACTIVATE, Action.LOCK, Action.DELETE])
@pytest.mark.parametrize("role", [Role.PORTAL_ADMIN, Role.MSSP_ADMIN])
def test_no_admin_takes_away_the_own_access(action: Action, role: Role) -> None:
    assert refusal_of(action, AUser(id=ME), actor=an_actor(role, id=ME)) is Code.CANNOT_TARGET_SELF


def test_every_role_may_end_all_own_sessions() -> None:
    assert refusal_of(Action.REVOKE_SESSIONS, AUser(id=ME), actor=an_actor(id=ME)) is None


@pytest.mark.parametrize("action", GIVES_ACCESS_OR_MAIL)
def test_an_inactive_portal_gives_no_access_and_sends_no_mail(action: Action) -> None:
    assert refusal_of(action, AUser(Status.SUSPENDED), a_portal(is_active=False)) is Code.PORTAL_INACTIVE


@pytest.mark.parametrize("action", TAKES_ACCESS_AWAY)
def test_an_inactive_portal_never_keeps_access_from_being_taken_away(action: Action) -> None:
    assert refusal_of(action, AUser(), a_portal(is_active=False)) is None


@pytest.mark.parametrize("action", [Action.DEACTIVATE, Action.LOCK, Action.DELETE])
@pytest.mark.parametrize("status", [Status.ACTIVE, Status.AWAITING_NEW_PASSWORD, Status.RECOVERY, Status.LOCKED_OUT])
def test_a_portal_admin_cannot_take_the_last_admin_out_of_enabled(action: Action, status: Status) -> None:
    last = AUser(status, role=Role.PORTAL_ADMIN)

    assert refusal_of(action, last, a_portal(enabled_admins=1)) is Code.LAST_ADMIN
    assert refusal_of(action, last, a_portal(enabled_admins=2)) is None


@pytest.mark.parametrize("role", STAFF)
def test_staff_may_take_the_last_admin_out(role: Role) -> None:
    last = AUser(role=Role.PORTAL_ADMIN)

    assert refusal_of(Action.DEACTIVATE, last, a_portal(enabled_admins=1), an_actor(role)) is None


@pytest.mark.parametrize("user", [AUser(), AUser(Status.SUSPENDED, role=Role.PORTAL_ADMIN)])
def test_a_user_who_is_no_enabled_admin_is_never_the_last_one(user: AUser) -> None:
    assert refusal_of(Action.DEACTIVATE, user, a_portal(enabled_admins=1)) is None


def test_seats_are_taken_as_users_are_decided_until_none_is_left() -> None:  # K12
    portal = a_portal(seats_total=12, seats_used=10)
    answers = []

    for _ in range(4):
        user = AUser(Status.DEACTIVATED)
        answers.append(refusal_of(Action.ACTIVATE, user, portal))
        if answers[-1] is None:
            apply_to_portal_state(portal, decided(Action.ACTIVATE, user, portal))

    assert answers == [None, None, Code.NO_SEAT_AVAILABLE, Code.NO_SEAT_AVAILABLE]
    assert portal.seats_used == 12


def test_a_deactivation_gives_the_seat_back_to_the_next_one() -> None:  # K30
    portal = a_portal(seats_total=10, seats_used=10)

    apply_to_portal_state(portal, decided(Action.DEACTIVATE, seated(), portal))

    assert refusal_of(Action.ACTIVATE, AUser(Status.DEACTIVATED), portal) is None


@pytest.mark.parametrize("action", [Action.ACTIVATE, Action.UNLOCK])
def test_a_suspended_user_keeps_the_seat_and_needs_none(action: Action) -> None:
    full = a_portal(seats_total=10, seats_used=10)

    assert refusal_of(action, seated(status=Status.SUSPENDED), full) is None


def test_an_internal_user_needs_no_seat() -> None:
    full = a_portal(seats_total=0, packages_running=False)

    assert refusal_of(Action.ACTIVATE, AUser(Status.DEACTIVATED, kind=UserKind.INTERNAL), full) is None


def test_an_ended_package_keeps_no_user_from_losing_access() -> None:
    over = a_portal(seats_total=0, seats_used=10, packages_running=False)

    assert [refusal_of(action, seated(), over) for action in TAKES_ACCESS_AWAY] == [None] * 4


@pytest.mark.parametrize(("action", "status"), [key for key, cell in table().items() if not cell.refusal])
def test_deciding_changes_nothing_and_decides_the_same_again(action: Action, status: Status) -> None:
    case = ActionRequest(action, an_actor(), seated(status=status, pending_email="new@acme.test"), a_portal(), NOON)
    before = deepcopy(case)

    first, second = decide(case), decide(case)

    assert first == second
    assert case == before
