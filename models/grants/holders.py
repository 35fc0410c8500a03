"""SQL conditions on users by the grants that they hold and the sub-accounts that they reach, for filters of lists."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from models.db.dialect import is_any_of
from models.db.sql import Sql, sql
from rules.grants.kinds import GrantableKind
from rules.lifecycle.licenses import UserKind


def holds_any(grantable_ids: Sequence[UUID]) -> Sql:
    """Return the condition that a user (alias u) has a grant of one of the grantables."""
    return "u.id IN (SELECT x.user_id FROM user_grant x WHERE " + is_any_of("x.grantable_id", grantable_ids) + ")"


def is_in_any_group(group_ids: Sequence[UUID], portal_id: UUID | None) -> Sql:
    """Return the condition that a user (alias u) is in one of the groups, by a grant or by a system group (E15).

    Pass `portal_id` if the statement selects users of one portal only. The condition is then faster.
    """
    # A system group has the id of its portal, and its members, the EXTERNAL users, have no grants of it. With one known
    # portal, no OR is needed, so that PostgreSQL estimates the number of members better.
    external = sql("u.kind = ?", UserKind.EXTERNAL)
    if portal_id is None:
        return holds_any(group_ids) + " OR (" + external + " AND " + is_any_of("u.portal_id", group_ids) + ")"
    others = [group_id for group_id in group_ids if group_id != portal_id]
    if len(others) == len(group_ids):
        return holds_any(group_ids)
    return holds_any(others) + " OR " + external if others else external


def reaches_any_sub_account(sub_account_ids: Sequence[UUID]) -> Sql:
    """Return the condition that a user (alias u) reaches one of the sub-accounts.

    A user reaches a sub-account by a grant, or reaches all of them by `all_sub_accounts`.
    """
    theirs = "SELECT g.portal_id FROM grantable g WHERE " + is_any_of("g.id", sub_account_ids)
    theirs = theirs + sql(" AND g.kind = ?", GrantableKind.SUB_ACCOUNT)
    return holds_any(sub_account_ids) + " OR (u.all_sub_accounts AND u.portal_id IN (" + theirs + "))"
