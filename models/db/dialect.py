"""Conditions and locks that the two databases write differently."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from models.db.sql import Sql, is_postgres, sql

NO_ROW = Sql("1=0")


def is_any_of(column: str, values: Iterable[Any]) -> Sql:
    """Return the condition that the column is one of the values; one parameter, however many values there are."""
    listed = list(dict.fromkeys(values))
    if is_postgres():
        return sql(f"{column} = ANY(?)", [getattr(v, "value", v) for v in listed])
    return sql(f"{column} IN (SELECT value FROM json_each(?))", listed)


def locked(query: Sql, table: str) -> Sql:
    """Return the query with its rows of `table` locked until the transaction ends.

    SQLite needs no lock: its write transactions begin IMMEDIATE, so there is one at a time.
    """
    return query + f" FOR UPDATE OF {table}" if is_postgres() else query


def locked_unless_taken(query: Sql, table: str) -> Sql:
    """Return the query with its rows of `table` locked, without the rows that another transaction has locked.

    No transaction waits for another; SQLite needs no lock.
    """
    return locked(query, table) + " SKIP LOCKED" if is_postgres() else query


def contains(column: str, text: str) -> Sql:
    """Return the condition that the column contains the text; the text has no wildcards."""
    if is_postgres():
        return sql(f"strpos({column}, ?) > 0", text)
    return sql(f"instr({column}, ?) > 0", text)
