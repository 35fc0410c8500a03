"""SQL conditions on the owner of a row. The owner's id is in the row's column `user_id` or `staff_id`."""

from __future__ import annotations

from collections.abc import Collection

from models.db.dialect import NO_ROW, is_any_of
from models.db.sql import Sql, join, sql
from rules.accounts import AccountKey, AccountKind

OWNER = {AccountKind.PORTAL_USER: "user_id", AccountKind.STAFF_MEMBER: "staff_id"}
TABLE = {AccountKind.PORTAL_USER: "portal_user", AccountKind.STAFF_MEMBER: "staff_member"}
"""The name of the table of accounts, by kind of account. The primary key of each table is `id`."""


def belongs_to(key: AccountKey, prefix: str = "") -> Sql:
    """Return the condition that a row belongs to the account. `prefix` is the table's alias, such as "a."."""
    return sql(f"{prefix}{OWNER[key.kind]} = ?", key.id)


def belongs_to_any(keys: Collection[AccountKey]) -> Sql:
    """Return the condition that a row belongs to one of the accounts."""
    of_kinds = {kind: [key.id for key in keys if key.kind is kind] for kind in AccountKind}
    conditions = [is_any_of(OWNER[kind], ids) for kind, ids in of_kinds.items() if ids]
    return "(" + join(" OR ", conditions) + ")" if conditions else NO_ROW
