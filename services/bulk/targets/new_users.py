"""The targets for the invitees of a portal: the user who has the invitee's address, or a new user."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from datetime import datetime
from uuid import UUID

from models import audit
from models.audit import AuditRow
from models.operations import OperationRow
from models.portals import counters as portal_counters
from models.portals.lookup import LicensedPortal
from models.users import inserts as user_inserts
from models.users import taken_logins
from models.users.table import UserRow
from models.users.taken_logins import TakenLogins
from rules.audit_events import AuditEventType
from rules.lifecycle.counters import increments
from rules.lifecycle.statuses import CATEGORY, Status
from rules.refusals import Code, Refusal
from rules.text.folding import login_key
from services.bulk.targets import usernames
from services.bulk.targets.invitees import Invitee
from services.bulk.targets.target import Target
from services.lifecycle.portal_locks import LockedPortals
from services.runtime import Runtime


async def targets(
    runtime: Runtime,
    locked: LockedPortals,
    portal: LicensedPortal,
    invitees: Sequence[Invitee],
    taken_earlier: TakenLogins,
) -> list[Target]:
    """Return a target for each invitee, in order. Requires the portal to be locked.

    A target has the portal's user with the invitee's address (E5), a new user, or a refusal, for example because an
    earlier invitee has the login. A target with the `key` of an earlier new user has none of these. `decide_all` skips
    such a target as a duplicate.

    `taken_earlier` are logins that are taken, but not by a stored user.
    """
    portal_id = portal.row.id
    arrivals = [(invitee, runtime.new_id()) for invitee in invitees]
    keys, looks = set[str](), set[str]()
    for invitee, user_id in arrivals:
        keys |= usernames.wanted_logins(invitee, user_id)
        looks |= usernames.wanted_skeletons(invitee, user_id)
    addresses = [login_key(invitee.email) for invitee in invitees if invitee.email]
    existing = await user_inserts.lock_by_address(locked.actor, portal_id, addresses)
    stored = await taken_logins.find(portal_id, sorted(keys), sorted(looks))
    taken = TakenLogins(stored.logins | taken_earlier.logins, stored.looks | taken_earlier.looks)

    found, seen = [], set[Hashable]()
    for invitee, user_id in arrivals:
        target = Target(key=invitee.key, label=invitee.label, portal_id=portal_id)
        user = existing.get(login_key(invitee.email)) if invitee.email else None
        if user is not None:
            target = target._replace(user=user)
        elif target.key is None or target.key not in seen:
            seen.add(target.key)
            try:
                user = _new_user(portal, invitee, user_id, taken, locked.at)
                target = target._replace(user=user, is_new=True)
            except Refusal as refusal:
                target = target._replace(refusal=refusal)
        found.append(target)
    return found


async def add(
    runtime: Runtime, users: Sequence[UserRow], *, actor_id: UUID, operation: OperationRow | None = None
) -> None:
    """Store new users of one portal, update its counters, and write one audit event per user.

    The events have the reason and the ticket of `operation`. Requires the portal to be locked.
    """
    if not users:
        return
    await user_inserts.add(users)
    portal_id, at = users[0].portal_id, users[0].added_at
    added = Counter[str]()
    for user in users:
        added.update(
            increments(
                user.status,
                user.status_reason,
                user.role,
                holds_seat=user.holds_seat,
                portal_access=user.portal_access,
            )
        )
    await portal_counters.adjust({portal_id: dict(added)}, at)
    await audit.record(
        [
            AuditRow(
                id=runtime.new_id(),
                at=at,
                event=AuditEventType.USER_ADDED,
                actor_id=actor_id,
                mssp_id=user.mssp_id,
                portal_id=portal_id,
                user_id=user.id,
                reason=operation.reason if operation else None,
                changes=[{"field": "status", "before": None, "after": Status.STAGED}],
                operation_id=operation.id if operation else None,
                ticket=operation.ticket if operation else None,
            )
            for user in users
        ]
    )


def _new_user(
    portal: LicensedPortal,
    invitee: Invitee,
    user_id: UUID,
    taken: TakenLogins,
    at: datetime,
) -> UserRow:
    """Return the row of a new user who is added at `at`.

    Raise Refusal if a required field is missing, if a field cannot be stored, or if the username or e-mail is taken.
    """
    if invitee.refusal:
        raise invitee.refusal
    if lacking := invitee.missing(portal.row.required_user_fields):
        raise Refusal(Code.REQUIRED_FIELD_MISSING, path=(lacking,))
    return row_of(portal, invitee, user_id, usernames.take(invitee, user_id, taken), at)


def row_of(portal: LicensedPortal, invitee: Invitee, user_id: UUID, username: str, at: datetime) -> UserRow:
    """Return the row of a user who is added to the portal at `at` and is not invited yet."""
    return UserRow(
        id=user_id,
        mssp_id=portal.row.mssp_id,
        portal_id=portal.row.id,
        kind=invitee.kind,
        role=invitee.role,
        username=username,
        first_name=invitee.first_name,
        last_name=invitee.last_name,
        email=invitee.email,
        email_verified_at=None,
        pending_email=None,
        status=Status.STAGED,
        status_reason=None,
        resume_status=None,
        resume_reason=None,
        status_changed_at=at,
        category=CATEGORY[Status.STAGED],
        holds_seat=False,
        mfa_enrolled=False,
        reset_mailed_at=None,
        verification_mailed_at=None,
        added_at=at,
        modified_at=at,
        version=1,
    )
