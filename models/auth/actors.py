"""Read the actor of a request: the account that the request's access token names."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from models.auth.sessions import SESSION, SessionRow
from models.db.rows import RowMapper, cells_of
from models.db.sql import fetch, sql
from models.portals.table import Portal
from models.users.table import USER, UserRow
from rules.access import Actor
from rules.auth.sign_in_blockers import OUTLIVED_BY_SESSIONS, blockers


class SignInPolicyRow(NamedTuple):
    """A row with the columns of a portal that decide about signing in.

    It satisfies the protocol `HasSignInPolicy` of rules/.
    """

    is_active: bool
    password_sign_in_enabled: bool
    lockout_minutes: int | None
    lockout_threshold: int
    mfa_required: bool
    password_max_age_days: int | None


SIGN_IN_POLICY = RowMapper(SignInPolicyRow, Portal, "p")


async def acting(account_id: UUID, session_id: UUID, now: datetime) -> Actor | None:
    """Return the actor of the session at `now`. Run one statement.

    Return None if the session has ended or belongs to another account, or if the account may no longer sign in.
    """
    records = await fetch(
        f"SELECT {SESSION.columns}, {SIGN_IN_POLICY.columns}, {USER.columns} FROM account_session a"
        " LEFT JOIN staff_member s ON s.id = a.staff_id"
        " LEFT JOIN portal_user u ON u.id = a.user_id"
        " LEFT JOIN portal p ON p.id = u.portal_id"
        " WHERE " + sql("a.id = ?", session_id)
    )
    if not records:
        return None
    session = SESSION.read(records)[0]
    if session.revoked_at is not None or session.expires_at <= now:
        return None
    if session.staff_id is not None:
        return _staff(session) if session.staff_id == account_id else None
    if session.user_id != account_id or cells_of(records[0])[len(SESSION)] is None:
        return None

    door = SIGN_IN_POLICY.read(records, start=len(SESSION))[0]
    user = USER.read(records, start=len(SESSION) + len(SIGN_IN_POLICY))[0]
    if set(blockers(user, door, now)) - OUTLIVED_BY_SESSIONS:
        return None
    return _portal_account(session, user, door)


def _staff(session: SessionRow) -> Actor | None:
    if not session.staff_is_active:
        return None
    assert session.staff_id, "a session of staff"  # noqa: S101  # for the type checker: the join found a member of staff
    assert session.staff_mssp_id, "a provider"  # noqa: S101  # for the type checker
    assert session.staff_role, "a role"  # noqa: S101  # for the type checker
    return Actor(
        id=session.staff_id,
        session_id=session.id,
        role=session.staff_role,
        mssp_id=session.staff_mssp_id,
        portal_id=None,
        name=session.staff_name or "",
    )


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
