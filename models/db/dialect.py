"""SQL conditions and locks whose syntax differs between PostgreSQL and SQLite."""

from __future__ import annotations

from collections.abc import Iterable
from string import ascii_lowercase, ascii_uppercase
from typing import Any

from models.db.sql import Sql, is_postgres, sql

_TO_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)

NO_ROW = Sql("1=0")


def is_any_of(column: str, values: Iterable[Any]) -> Sql:
    """Return the condition that `column` equals one of `values`. All values are passed as one parameter."""
    listed = list(dict.fromkeys(values))
    if is_postgres():
        return sql(f"{column} = ANY(?)", [getattr(v, "value", v) for v in listed])
    return sql(f"{column} IN (SELECT value FROM json_each(?))", listed)


def locked(query: Sql, table: str) -> Sql:
    """Add a clause to `query` that locks the rows of the table with the alias `table` until the transaction ends.

    With SQLite, return `query` unchanged, because only one write transaction runs at a time.
    """
    return query + f" FOR UPDATE OF {table}" if is_postgres() else query


def locked_but_for_references(query: Sql, table: str) -> Sql:
    """Add a clause to `query` that locks rows as `locked` does, but allows new rows that refer to the locked rows.

    Use this function for rows that are not deleted and whose key does not change while they are locked.
    """
    return query + f" FOR NO KEY UPDATE OF {table}" if is_postgres() else query


def locked_unless_taken(query: Sql, table: str) -> Sql:
    """Add a clause to `query` that locks rows as `locked` does, and skips rows that another transaction has locked.

    With SQLite, return `query` unchanged, because only one write transaction runs at a time.
    """
    return locked(query, table) + " SKIP LOCKED" if is_postgres() else query


def contains(column: str, text: str) -> Sql:
    """Return the condition that `column` contains `text`. Wildcards in `text` have no special meaning."""
    if is_postgres():
        return sql(f"strpos({column}, ?) > 0", text)
    return sql(f"instr({column}, ?) > 0", text)


def contains_ascii_folded(column: str, text: str) -> Sql:
    """Return the condition that `column` contains `text`, without regard to the case of the letters A to Z."""
    folded = text.translate(_TO_LOWER)
    return contains(f'lower({column} COLLATE "C")' if is_postgres() else f"lower({column})", folded)


def joined(expression: str, separator: str) -> str:
    """Return the SQL aggregate that joins the values of `expression` in a group, with `separator` between the values.

    The order of the values is undefined.
    """
    return f"string_agg({expression}, '{separator}')" if is_postgres() else f"group_concat({expression}, '{separator}')"


def behind_last(column: str, separator: str) -> str:
    """Return the SQL expression for the text after the last `separator` in `column`. `separator` is one character."""
    if is_postgres():
        return f"substring({column} FROM '[^{separator}]*$')"
    return f"substr({column}, length(rtrim({column}, replace({column}, '{separator}', ''))) + 1)"
