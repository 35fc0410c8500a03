"""SQL conditions on users by what they may reach, for the filters of lists."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from models.db.dialect import is_any_of
from models.db.sql import Sql, sql
from rules.grants.kinds import GrantableKind
from rules.lifecycle.licenses import UserKind


def holds_any(grantable_ids: Sequence[UUID]) -> Sql:
    """Return the condition that a user (alias u) holds one of the grantables by a grant."""
    return "u.id IN (SELECT x.user_id FROM user_grant x WHERE " + is_any_of("x.grantable_id", grantable_ids) + ")"


def is_in_any_group(group_ids: Sequence[UUID]) -> Sql:
    """Return the condition that a user (alias u) is in one of the groups. The system group has no grants (E15)."""
    system = "SELECT g.portal_id FROM grantable g WHERE g.is_system AND " + is_any_of("g.id", group_ids)
    joined = sql("u.kind = ? AND u.portal_id IN (", UserKind.EXTERNAL) + system + ")"
    return holds_any(group_ids) + " OR (" + joined + ")"


def reaches_any_sub_account(sub_account_ids: Sequence[UUID]) -> Sql:
    """Return the condition that a user (alias u) reaches one of the sub-accounts: by a grant, or as one of all."""
    theirs = "SELECT g.portal_id FROM grantable g WHERE " + is_any_of("g.id", sub_account_ids)
    theirs = theirs + sql(" AND g.kind = ?", GrantableKind.SUB_ACCOUNT)
    return holds_any(sub_account_ids) + " OR (u.all_sub_accounts AND u.portal_id IN (" + theirs + "))"
