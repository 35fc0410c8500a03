"""The state of an invitation, the next step of its link, and which invitees are added."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from rules.access import Role
from rules.lifecycle.actions import Action
from rules.lifecycle.decision_types import ActionRequest, Decision, InvitationTerms
from rules.lifecycle.decisions import decide
from rules.lifecycle.invitations import InvitationState, Step, state, step
from rules.lifecycle.licenses import SeatMode
from rules.lifecycle.statuses import Status
from rules.refusals import Code, Refusal
from tests.rules.cases import NOON, AUser, a_portal, an_actor

AN_INSTANT = timedelta(microseconds=1)
BY_LINK = InvitationTerms(by_mail=False)
ADDED_ONLY = InvitationTerms(by_mail=False, adds_only=True)


@dataclass(frozen=True)
class Link:
    expires_at: datetime = NOON
    used_at: datetime | None = None
    superseded_at: datetime | None = None
    address: str | None = None
    is_trusted: bool = False


@pytest.mark.parametrize(
    ("link", "now", "as_newest", "as_older"),
    [
        (Link(), NOON - AN_INSTANT, "PENDING", "PENDING"),
        (Link(), NOON, "EXPIRED", "EXPIRED"),
        (Link(used_at=NOON), NOON, "ACCEPTED", "ACCEPTED"),
        (Link(superseded_at=NOON), NOON - AN_INSTANT, "REVOKED", "SUPERSEDED"),
        (Link(superseded_at=NOON), NOON + AN_INSTANT, "REVOKED", "SUPERSEDED"),
        (Link(superseded_at=NOON, used_at=NOON), NOON, "ACCEPTED", "ACCEPTED"),
    ],
)
def test_an_invitation_is_in_one_state(link: Link, now: datetime, as_newest: str, as_older: str) -> None:  # W7, W9
    assert state(link, now, is_newest=True) is InvitationState(as_newest)
    assert state(link, now, is_newest=False) is InvitationState(as_older)


@pytest.mark.parametrize(
    ("link", "leads_to"),
    [
        (Link(), Step.REGISTER),
        (Link(address="ann@acme.test"), Step.SET_PASSWORD),
        (Link(is_trusted=True), Step.SET_PASSWORD),
        (Link(used_at=NOON), Step.SIGN_IN),
    ],
)
def test_a_link_that_proves_nothing_leads_to_registration(link: Link, leads_to: Step) -> None:  # E7, E8, W10
    assert step(link) is leads_to


def case(terms: InvitationTerms, user: AUser | None = None, **portal: object) -> ActionRequest:
    staged = user or AUser(Status.STAGED)
    return ActionRequest(Action.INVITE, an_actor(), staged, a_portal(**portal), NOON, terms)


def refusal(decided: ActionRequest, *, is_new: bool = True) -> Code | None:
    try:
        decide(decided._replace(is_new=is_new))
    except Refusal as refusal:
        return refusal.code
    return None


def status_after(change: Decision) -> Status | None:
    return change.transition.status


@pytest.mark.parametrize(("terms", "after"), [(BY_LINK, Status.PROVISIONED), (ADDED_ONLY, Status.STAGED)])
def test_a_new_user_is_invited_or_added_only(terms: InvitationTerms, after: Status) -> None:  # E3, K7
    assert status_after(decide(case(terms)._replace(is_new=True))) is after


@pytest.mark.parametrize(("terms", "code"), [(BY_LINK, Code.NO_SEAT_AVAILABLE), (ADDED_ONLY, None)])
def test_a_seat_matters_to_who_is_invited(terms: InvitationTerms, code: Code | None) -> None:
    full = case(terms, seat_mode=SeatMode.ON_INVITE, seats_total=1, seats_used=1)

    assert refusal(full) is code


@pytest.mark.parametrize("terms", [InvitationTerms(), BY_LINK, ADDED_ONLY])
def test_an_inactive_portal_takes_no_new_user(terms: InvitationTerms) -> None:
    assert refusal(case(terms, is_active=False)) is Code.PORTAL_INACTIVE
    assert refusal(case(terms, is_active=False), is_new=False) is Code.PORTAL_INACTIVE


@pytest.mark.parametrize(
    ("role", "most", "code"),
    [
        (Role.PORTAL_ADMIN, 2, Code.ADMIN_LIMIT_REACHED),
        (Role.PORTAL_ADMIN, 3, None),
        (Role.PORTAL_ADMIN, None, None),
        (Role.PORTAL_USER, 2, None),
    ],
)
@pytest.mark.parametrize("terms", [BY_LINK, ADDED_ONLY])
def test_no_more_admins_are_added_than_the_portal_may_have(
    terms: InvitationTerms, role: Role, most: int | None, code: Code | None
) -> None:  # L2, L7
    request = case(terms, AUser(Status.STAGED, role=role), counted_admins=2, max_admins=most)

    assert refusal(request) is code


@pytest.mark.parametrize(
    "terms", [InvitationTerms(by_mail=True), InvitationTerms(by_mail=False, trust_stored_email=True)]
)
def test_what_needs_an_address_is_refused_without_one(terms: InvitationTerms) -> None:  # E9
    assert refusal(case(terms, AUser(Status.STAGED, email=None))) is Code.NO_EMAIL
    assert refusal(case(BY_LINK, AUser(Status.STAGED, email=None))) is None


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (Status.STAGED, Code.ALREADY_IN_STATE),
        (Status.PROVISIONED, Code.ALREADY_INVITED),
        *((s, Code.ALREADY_MEMBER) for s in (Status.ACTIVE, Status.AWAITING_NEW_PASSWORD, Status.RECOVERY)),
        (Status.LOCKED_OUT, Code.ALREADY_MEMBER),
        (Status.SUSPENDED, Code.INACTIVE),
        (Status.DEACTIVATED, Code.INACTIVE),
    ],
)
def test_a_user_who_is_there_is_not_added(status: Status, code: Code) -> None:  # E3
    assert refusal(case(ADDED_ONLY, AUser(status)), is_new=False) is code


@pytest.mark.parametrize(("terms", "code"), [(InvitationTerms(), Code.COOLDOWN), (BY_LINK, None)])
def test_only_mails_wait_for_each_other(terms: InvitationTerms, code: Code | None) -> None:
    mailed = AUser(Status.PROVISIONED, verification_mailed_at=NOON - timedelta(seconds=59))

    assert refusal(case(terms, mailed), is_new=False) is code
