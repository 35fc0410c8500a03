"""Read the actor of a request: the account that the request's access token names."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from models.auth.sessions import SESSION, SessionRow
from models.db.rows import RowMapper, cells_of
from models.db.sql import Record, fetch, sql
from models.portals.table import Portal
from models.users.table import USER, UserRow
from rules.access import Actor, AssignmentReach
from rules.auth.sign_in_blockers import OUTLIVED_BY_SESSIONS, blockers


class SignInPolicyRow(NamedTuple):
    """The columns of a portal that decide who can sign in. Satisfies the protocol `HasSignInPolicy`."""

    is_active: bool
    password_sign_in_enabled: bool
    lockout_minutes: int | None
    lockout_threshold: int
    mfa_required: bool
    password_max_age_days: int | None


SIGN_IN_POLICY = RowMapper(SignInPolicyRow, Portal, "p")


class Acting(NamedTuple):
    """The actor of a session. `user` is the user's row, or None if the actor is a member of staff."""

    actor: Actor
    user: UserRow | None


ACTING_COLUMNS = f"{SESSION.columns}, {SIGN_IN_POLICY.columns}, {USER.columns}"
ACTING_SOURCE = (
    "account_session a LEFT JOIN staff_member s ON s.id = a.staff_id LEFT JOIN mssp m ON m.id = s.mssp_id"
    " LEFT JOIN portal_user u ON u.id = a.user_id"
    " LEFT JOIN portal p ON p.id = u.portal_id"
)
"""The columns and tables that `acting_of` reads."""


async def acting(account_id: UUID, session_id: UUID, now: datetime) -> Actor | None:
    """Return the actor of the session at `now`, or None if the session gives no access.

    A session gives no access in each of these cases:

    - The session does not exist, has ended, or belongs to another account than `account_id`.
    - The account is an inactive member of staff.
    - The account is a portal user with a blocker that ends sessions, such as SUSPENDED. All blockers end sessions,
      except those in OUTLIVED_BY_SESSIONS.
    """
    found = await acting_with_row(account_id, session_id, now)
    return found.actor if found else None


async def acting_with_row(account_id: UUID, session_id: UUID, now: datetime) -> Acting | None:
    """Return the actor of the session at `now`, together with the user's row if the actor is a portal user.

    Return None if the session gives no access: see `acting`.
    """
    records = await fetch(f"SELECT {ACTING_COLUMNS} FROM {ACTING_SOURCE} WHERE " + sql("a.id = ?", session_id))
    return acting_of(records[0], account_id, now) if records else None


def acting_of(record: Record, account_id: UUID, now: datetime, start: int = 0) -> Acting | None:
    """Read the actor from a database record. Return None if the session gives no access: see `acting`.

    The record must contain ACTING_COLUMNS, from the position `start` on.
    """
    session = SESSION.read([record], start)[0]
    if session.revoked_at is not None or session.expires_at <= now:
        return None
    if session.staff_id is not None:
        return _staff(session, now) if session.staff_id == account_id else None
    start += len(SESSION)
    if session.user_id != account_id or cells_of(record)[start] is None:
        return None

    door = SIGN_IN_POLICY.read([record], start)[0]
    user = USER.read([record], start + len(SIGN_IN_POLICY))[0]
    if set(blockers(user, door, now)) - OUTLIVED_BY_SESSIONS:
        return None
    return Acting(_portal_account(session, user, door), user)


def _staff(session: SessionRow, now: datetime) -> Acting | None:
    if not session.staff_is_active:
        return None
    assert session.staff_id, "a session of staff"  # noqa: S101  # for the type checker: the join found a member of staff
    assert session.staff_mssp_id, "a provider"  # noqa: S101  # for the type checker
    assert session.staff_role, "a role"  # noqa: S101  # for the type checker
    actor = Actor(
        id=session.staff_id,
        session_id=session.id,
        role=session.staff_role,
        mssp_id=session.staff_mssp_id,
        portal_id=None,
        name=session.staff_name or "",
        must_enroll=bool(session.staff_mfa_required) and not session.staff_mfa_enrolled,
        assigned=AssignmentReach.at(now, all_except=bool(session.staff_all_except), until=session.staff_assigned_until),
        assigned_at=now,
    )
    return Acting(actor, None)


def _portal_account(session: SessionRow, user: UserRow, door: SignInPolicyRow) -> Actor:
    return Actor(
        id=user.id,
        session_id=session.id,
        role=user.role,
        mssp_id=user.mssp_id,
        portal_id=user.portal_id,
        name=user.name,
        must_enroll=door.mfa_required and not user.mfa_enrolled,
    )
