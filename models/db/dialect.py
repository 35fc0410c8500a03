"""SQL conditions and locks whose syntax differs between PostgreSQL and SQLite."""

from __future__ import annotations

from collections.abc import Iterable
from string import ascii_lowercase, ascii_uppercase
from typing import Any

from models.db.sql import Sql, is_postgres, sql

_TO_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)

NO_ROW = Sql("1=0")


def is_any_of(column: str, values: Iterable[Any]) -> Sql:
    """Return the SQL condition that `column` equals one of `values`, which are passed as one parameter."""
    listed = list(dict.fromkeys(values))
    if is_postgres():
        return sql(f"{column} = ANY(?)", [getattr(v, "value", v) for v in listed])
    return sql(f"{column} IN (SELECT value FROM json_each(?))", listed)


def locked(query: Sql, table: str) -> Sql:
    """Make `query` lock the rows that it reads from the table with the alias `table`, until the transaction ends.

    With SQLite, return `query` unchanged, because only one write transaction runs at a time.
    """
    return query + f" FOR UPDATE OF {table}" if is_postgres() else query


def locked_but_for_references(query: Sql, table: str) -> Sql:
    """Make `query` lock rows as `locked` does, but let other transactions add rows that refer to the locked rows.

    The caller must not delete the locked rows, and must not change their keys.
    """
    return query + f" FOR NO KEY UPDATE OF {table}" if is_postgres() else query


def locked_unless_taken(query: Sql, table: str) -> Sql:
    """Make `query` lock rows as `locked` does, but skip the rows that another transaction has locked.

    With SQLite, return `query` unchanged, because only one write transaction runs at a time.
    """
    return locked(query, table) + " SKIP LOCKED" if is_postgres() else query


def unindexed(condition: Sql) -> Sql:
    """Return the condition in a form for which PostgreSQL reads no index.

    Use the function if another condition of the statement selects few rows already. PostgreSQL could otherwise combine
    the indexes of both conditions, and read all index entries of a tenant.
    """
    return "(" + condition + ") IS TRUE"


def limit(rows: int) -> Sql:
    """Return the LIMIT clause of an ordered list.

    On PostgreSQL the number is a parameter. If PostgreSQL plans a statement for any values of its parameters, it assumes
    a small range of the index. With a number in the text that is greater, it would read and sort the whole range.
    """
    return sql(" LIMIT ?", rows) if is_postgres() else Sql(f" LIMIT {rows}")


def contains(column: str, text: str) -> Sql:
    """Return the condition that `column` contains `text`. The characters % and _ are no wildcards in `text`."""
    if is_postgres():
        return sql(f"strpos({column}, ?) > 0", text)
    return sql(f"instr({column}, ?) > 0", text)


def contains_ascii_folded(column: str, text: str) -> Sql:
    """Return the condition that `column` contains `text`, without regard to the case of the letters A to Z."""
    folded = text.translate(_TO_LOWER)
    return contains(f'lower({column} COLLATE "C")' if is_postgres() else f"lower({column})", folded)


def joined(expression: str, separator: str) -> str:
    """Return the SQL aggregate that joins all values of `expression` in a group, with `separator` between them.

    The order of the values is undefined.
    """
    return f"string_agg({expression}, '{separator}')" if is_postgres() else f"group_concat({expression}, '{separator}')"


def behind_last(column: str, separator: str) -> str:
    """Return the SQL expression for the text after the last `separator` in `column`.

    `separator` must be one character.
    """
    if is_postgres():
        return f"substring({column} FROM '[^{separator}]*$')"
    return f"substr({column}, length(rtrim({column}, replace({column}, '{separator}', ''))) + 1)"
