"""The users that a change of a portal's policy affects, as SQL conditions and as numbers.

The preview of a change and housekeeping use the same conditions, so that the preview shows the right numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from models.db.dialect import NO_ROW
from models.db.rows import cells_of
from models.db.sql import Sql, fetch, sql
from models.housekeeping import due_users
from models.policies.seats import gains_seat, loses_seat
from models.portals.lookup import managed_portal_exists
from models.portals.table import PortalRow
from rules.access import Actor, Role
from rules.auth.lockout import FAILURES_COUNT_FOR
from rules.durations import bounded
from rules.housekeeping import Task
from rules.lifecycle.statuses import Category, Status
from rules.policies.policy_effects import PolicyEffectKind


class AffectedUsers(NamedTuple):
    """How many users a change of a policy affects, and how many of them are admins with access to the portal."""

    users: int
    admins: int


def conditions(before: PortalRow, after: PortalRow, at: datetime) -> Iterator[tuple[PolicyEffectKind, Sql]]:
    """Yield each effect of a change of policy, with the SQL condition that a user is affected.

    `before` and `after` are the portal before and after the change at `at`. In a condition, the user has the alias u
    and the portal has the alias p.
    """
    kind, new, old = PolicyEffectKind, after.idle_suspend_days, before.idle_suspend_days
    if new is not None and (old is None or new < old):
        yield kind.SUSPENDED_AS_IDLE, due_users.suspended_after_notice(new, at)
    if after.deactivated_retention_days < before.deactivated_retention_days:
        yield kind.ERASED, due_users.due_under(Task.ERASE_DEACTIVATED, after.deactivated_retention_days, at)
    if before.password_sign_in_enabled and not after.password_sign_in_enabled:
        yield kind.LOSES_PASSWORD_SIGN_IN, sql("u.category = ? AND u.password_hash IS NOT NULL", Category.ENABLED)
    if after.password_sign_in_enabled:
        due = (
            "("
            + _password_is_due(after, at)
            + ") AND NOT COALESCE("
            + _password_is_due(before, at)
            + sql(", ?)", False)
        )
        if (after.password_max_age_days, after.mfa_required) != (before.password_max_age_days, before.mfa_required):
            yield kind.MUST_CHANGE_PASSWORD, due
    if after.mfa_required and not before.mfa_required:
        yield kind.MUST_ENROLL_MFA, sql("u.category = ? AND u.mfa_enrolled = ?", Category.ENABLED, False)
    if after.lockout_threshold < before.lockout_threshold:
        yield kind.LOCKED_OUT_AT_NEXT_FAILURE, _near_lockout(before.lockout_threshold, after.lockout_threshold, at)
    yield from _locks(before.lockout_minutes, after.lockout_minutes, at)
    if after.seat_mode is not before.seat_mode:
        yield kind.GAINS_SEAT, gains_seat(after.seat_mode, at)
        yield kind.LOSES_SEAT, loses_seat(after.seat_mode, at)


def _locks(old: int | None, new: int | None, at: datetime) -> Iterator[tuple[PolicyEffectKind, Sql]]:
    if new is None and old is not None:
        ended = due_users.due_under(Task.END_LOCKS, old, at)
        locked = sql("u.status = ? AND u.locked_for_good = ? AND NOT ", Status.LOCKED_OUT, False)
        yield PolicyEffectKind.LOCKED_UNTIL_UNLOCKED, locked + "(" + ended + ")"
    if new is not None and (old is None or new < old):
        yield PolicyEffectKind.LOCK_ENDED, due_users.due_under(Task.END_LOCKS, new, at)


def _password_is_due(policy: PortalRow, at: datetime) -> Sql:
    # The same rule as Account.password_is_due in services/auth/accounts.py.
    days = policy.password_max_age_days
    aged = NO_ROW if days is None else sql("u.password_changed_at <= ?", at - bounded(days, timedelta(days=1)))
    short = NO_ROW if policy.mfa_required else sql("u.password_is_short = ? AND u.mfa_enrolled = ?", True, False)
    asked = sql(
        "(u.status = ? OR u.status = ? AND u.resume_status = ?)", Status.ACTIVE, Status.LOCKED_OUT, Status.ACTIVE
    )
    return "(" + asked + " AND u.password_hash IS NOT NULL AND (" + aged + " OR " + short + "))"


def _near_lockout(old: int, new: int, at: datetime) -> Sql:
    # Users that one more failure locks out with the old threshold as well are left out.
    # The attempts are looked up by user: a list of all recent failures would hold those of every other portal.
    return sql(
        "u.category = ? AND u.status <> ? AND EXISTS (SELECT 1 FROM sign_in_attempts a WHERE a.account_id = u.id"
        " AND a.failed_at > ? AND a.failures >= ? AND a.failures < ?)",
        Category.ENABLED,
        Status.LOCKED_OUT,
        at - FAILURES_COUNT_FOR,
        new - 1,
        old - 1,
    )


async def count(actor: Actor, portal_id: UUID, condition: Sql) -> AffectedUsers:
    """Return how many users of the portal meet the condition, and how many of them are admins.

    Both numbers are 0 if the actor does not manage the portal.
    """
    # The rights are checked by a subquery. A condition on a user's provider would make SQLite read an index of all
    # the provider's users.
    rows = await fetch(
        sql(
            "SELECT COUNT(*), COALESCE(SUM(CASE WHEN u.role = ? AND u.portal_access THEN 1 ELSE 0 END), 0)"
            " FROM portal_user u JOIN portal p ON p.id = u.portal_id WHERE u.portal_id = ? AND ",
            Role.PORTAL_ADMIN,
            portal_id,
        )
        + managed_portal_exists(actor, portal_id)
        + " AND ("
        + condition
        + ")"
    )
    users, admins = cells_of(rows[0])
    return AffectedUsers(int(users), int(admins))
