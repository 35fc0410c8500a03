"""The decisions about the users of a bulk run: the outcomes in order, and the changes to write."""

from __future__ import annotations

from uuid import UUID, uuid4

from models.operations import OutcomeRow
from models.users.table import UserRow
from rules.access import Role
from rules.lifecycle.actions import Action
from rules.lifecycle.licenses import UserKind
from rules.lifecycle.statuses import CATEGORY, Status
from rules.outcomes import OutcomeStatus
from rules.refusals import Code
from services.bulk.action_plan import ActionPlan
from services.bulk.outcomes import abort, decide_all, undecided_outcomes
from services.bulk.targets.selection import ByIds
from services.bulk.targets.target import Target, with_users
from services.lifecycle.portal_locks import LockedPortals
from tests.rules.cases import NOON, a_portal, an_actor, an_id

PLACE = a_portal()


def a_user(status: Status) -> UserRow:
    return UserRow(
        id=an_id(),
        mssp_id=an_id(),
        portal_id=PLACE.id,
        kind=UserKind.EXTERNAL,
        role=Role.PORTAL_USER,
        username="bob",
        first_name=None,
        last_name=None,
        email=None,
        email_verified_at=None,
        pending_email=None,
        status=status,
        status_reason=None,
        resume_status=None,
        resume_reason=None,
        status_changed_at=NOON,
        category=CATEGORY[status],
        holds_seat=True,
        mfa_enrolled=False,
        last_sign_in_at=None,
        reset_mailed_at=None,
        verification_mailed_at=None,
        added_at=NOON,
        modified_at=NOON,
        version=1,
    )


def decided(action: Action, *targets: Target) -> tuple[list[OutcomeRow], set[UUID]]:
    locked = LockedPortals(an_actor(), NOON, {}, {PLACE.id: PLACE})
    blank = undecided_outcomes(uuid4, an_id(), targets)
    outcomes, changes = decide_all(ActionPlan(action, ByIds(())), locked, targets, blank, {}, dry_run=False)
    return outcomes, set(changes)


def targets_of(*users: UserRow) -> list[Target]:
    return with_users([Target.of_id(None, user.id) for user in users], {user.id: user for user in users})


def test_a_refused_user_keeps_the_status_and_is_not_changed() -> None:
    active, suspended = a_user(Status.ACTIVE), a_user(Status.SUSPENDED)

    (first, second), changed = decided(Action.LOCK, *targets_of(active, suspended))

    assert (first.reason, first.previous_status, first.new_status) == (None, Status.ACTIVE, Status.SUSPENDED)
    assert second.reason is Code.ALREADY_IN_STATE
    assert second.previous_status is second.new_status is Status.SUSPENDED
    assert changed == {active.id}


def test_an_id_without_a_user_has_no_status() -> None:
    (outcome,), changed = decided(Action.LOCK, Target.of_id("an id", None))

    assert (outcome.reason, outcome.previous_status, outcome.new_status) == (Code.NOT_FOUND, None, None)
    assert not changed


def test_a_deleted_user_has_no_status_afterwards() -> None:
    (outcome,), _ = decided(Action.DELETE, *targets_of(a_user(Status.ACTIVE)))

    assert outcome.status is OutcomeStatus.SUCCEEDED
    assert (outcome.previous_status, outcome.new_status) == (Status.ACTIVE, None)


def test_an_aborted_run_leaves_every_user_as_before_duplicates_included() -> None:
    bob, eve = a_user(Status.ACTIVE), a_user(Status.SUSPENDED)
    targets = targets_of(bob, eve, bob)
    outcomes, _ = decided(Action.LOCK, *targets)

    after = abort(targets, outcomes)

    reasons = [Code.ABORTED_BY_POLICY, Code.ALREADY_IN_STATE, Code.DUPLICATE_IN_REQUEST]
    assert [each.reason for each in after] == reasons
    assert [each.new_status for each in after] == [Status.ACTIVE, Status.SUSPENDED, Status.ACTIVE]
    assert {each.status for each in after} == {OutcomeStatus.SKIPPED}
