"""The limit of a portal's admins: which changes it refuses."""

from __future__ import annotations

import pytest

from rules.access import Role
from rules.lifecycle.actions import Action
from rules.lifecycle.decisions import apply_to_portal_state
from rules.lifecycle.events import Event, decide_event
from rules.lifecycle.statuses import Status
from rules.refusals import Code, Refusal
from tests.rules.cases import AUser, a_portal, an_actor, decided, refusal_of

LIMIT = Code.ADMIN_LIMIT_REACHED
DEACTIVATED = AUser(Status.DEACTIVATED, role=Role.PORTAL_ADMIN)
SUSPENDED = AUser(Status.SUSPENDED, role=Role.PORTAL_ADMIN)
INVITED = AUser(Status.PROVISIONED, role=Role.PORTAL_ADMIN)


@pytest.mark.parametrize(("most", "code"), [(None, None), (3, None), (2, LIMIT), (1, LIMIT)])
@pytest.mark.parametrize("role", [Role.MSSP_ADMIN, Role.MSSP_TECHNICIAN, Role.PORTAL_ADMIN])
def test_a_deactivated_admin_is_activated_up_to_the_limit(most: int | None, code: Code | None, role: Role) -> None:
    portal = a_portal(enabled_admins=1, counted_admins=2, max_admins=most)

    assert refusal_of(Action.ACTIVATE, DEACTIVATED, portal, an_actor(role)) is code


def test_a_user_who_is_no_admin_is_activated_at_the_limit() -> None:
    assert refusal_of(Action.ACTIVATE, AUser(Status.DEACTIVATED), a_portal(max_admins=2)) is None


@pytest.mark.parametrize(("enabled", "most", "code"), [(0, 1, None), (1, 2, None), (1, 1, LIMIT)])
@pytest.mark.parametrize("action", [Action.UNLOCK, Action.ACTIVATE])
def test_a_suspended_admin_has_a_place_unless_the_limit_was_lowered(
    action: Action, enabled: int, most: int, code: Code | None
) -> None:
    portal = a_portal(enabled_admins=enabled, counted_admins=2, max_admins=most)

    assert refusal_of(action, SUSPENDED, portal) is code


@pytest.mark.parametrize(("enabled", "most", "code"), [(0, 1, None), (1, 2, None), (1, 1, LIMIT)])
def test_an_invited_admin_has_a_place_unless_the_limit_was_lowered(enabled: int, most: int, code: Code | None) -> None:
    portal = a_portal(enabled_admins=enabled, counted_admins=2, max_admins=most)

    try:
        decide_event(Event.ACCEPTED, INVITED, portal)
        refused = None
    except Refusal as refusal:
        refused = refusal.code

    assert refused is code


def test_the_missing_seat_is_the_reason_before_the_limit() -> None:
    portal = a_portal(max_admins=2, seats_total=10, seats_used=10)

    assert refusal_of(Action.ACTIVATE, DEACTIVATED, portal) is Code.NO_SEAT_AVAILABLE


@pytest.mark.parametrize("action", [Action.LOCK, Action.DEACTIVATE, Action.DELETE])
def test_a_portal_over_its_limit_keeps_no_admin_from_being_disabled(action: Action) -> None:
    portal = a_portal(enabled_admins=3, counted_admins=3, max_admins=1)

    assert refusal_of(action, AUser(role=Role.PORTAL_ADMIN), portal) is None


def test_a_place_that_is_given_back_is_taken_by_the_next_one() -> None:
    portal = a_portal(max_admins=2)

    apply_to_portal_state(portal, decided(Action.DEACTIVATE, AUser(role=Role.PORTAL_ADMIN), portal))

    assert refusal_of(Action.ACTIVATE, DEACTIVATED, portal) is None
    apply_to_portal_state(portal, decided(Action.ACTIVATE, DEACTIVATED, portal))
    assert refusal_of(Action.ACTIVATE, DEACTIVATED, portal) is LIMIT


def test_admins_are_counted_as_they_are_decided() -> None:
    portal = a_portal(enabled_admins=2)
    one, other = AUser(role=Role.PORTAL_ADMIN), AUser(role=Role.PORTAL_ADMIN)

    apply_to_portal_state(portal, decided(Action.DEACTIVATE, one, portal))

    assert refusal_of(Action.DEACTIVATE, other, portal) is Code.LAST_ADMIN
