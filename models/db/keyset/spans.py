"""Split the rows of an ordered list into spans. The rows of a span are one range of an index.

Usually the rows after a position are one span: `(kind, id) > (?, ?)`. There are several spans, in the order of the
list, in each of these cases:

- Some columns sort ascending, others descending.
- The columns belong to two tables.
- A column sorts descending, but rows without a value come last. A missing value is stored as the greatest value.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import takewhile
from typing import Any, NamedTuple

from models.db.sql import Sql, all_of, sql, stored_instant

Position = tuple[Any, ...]
"""The position of a row in a list: the row's values in the columns of the order."""


class SortColumn(NamedTuple):
    """A column by which a list is sorted. The column must never be null. `kind` is the Python type of its values.

    - `absent`: the stored value that means "no value", which is greater than all other values. None if every row has a
      value.
    - `absent_first`: whether rows without a value come first. By default they come last, in both directions.
    - `largest`: an integer column has values from 0 to `largest`.
    """

    column: str
    kind: type
    absent: str | datetime | None = None
    descending: bool = False
    absent_first: bool = False
    largest: int = 2**31 - 1

    @property
    def reversed(self) -> SortColumn:
        return self._replace(descending=not self.descending, absent_first=not self.absent_first)

    @property
    def is_plain(self) -> bool:
        """Whether `ORDER BY column` alone puts the rows without a value first or last, as `absent_first` requires."""
        return self.absent is None or self.descending == self.absent_first

    @property
    def ordered(self) -> str:
        direction = f"{self.column} {'DESC' if self.descending else 'ASC'}"
        if self.is_plain:
            return direction
        return f"CASE WHEN {self.is_absent} THEN 1 ELSE 0 END {'DESC' if self.absent_first else 'ASC'}, {direction}"

    @property
    def is_absent(self) -> str:
        literal = stored_instant(self.absent) if isinstance(self.absent, datetime) else self.absent
        return f"{self.column} = '{literal}'"

    @property
    def is_present(self) -> str:
        return self.is_absent.replace(" = ", " < ", 1)

    @property
    def table(self) -> str:
        return self.column.partition(".")[0]


Order = tuple[SortColumn, ...]
"""The columns of an order. The last column must be unique, so that each row has a different position."""


class Span(NamedTuple):
    """One range of an index: the SQL condition on the rows of the range, and the order of these rows."""

    where: Sql
    order: Order


def spans(order: Order, position: Position | None, *, inclusive: bool = False) -> list[Span]:
    """Return the spans of the rows after `position`, in the order of the list. None means all rows.

    If `inclusive` is true, the row at `position` is included.
    """
    return list(_all(order) if position is None else _behind(order, position, inclusive=inclusive))


def _all(order: Order) -> Iterator[Span]:
    term = order[0]
    if term.is_plain:
        yield Span(Sql("1=1"), order)
        return
    present, absent = [_present(order)], _absent(order, None)
    yield from [*absent, *present] if term.absent_first else [*present, *absent]


def _behind(order: Order, position: Position, *, inclusive: bool) -> Iterator[Span]:
    term = order[0]
    if not term.is_plain and position[0] == term.absent:
        yield from _absent(order, position, inclusive=inclusive)
        yield from [_present(order)] if term.absent_first else []
        return
    width = _compared(order)
    if width < len(order):
        equal = [sql(f"{each.column} = ?", value) for each, value in zip(order[:width], position[:width], strict=True)]
        for span in _behind(order[width:], position[width:], inclusive=inclusive):
            yield Span(all_of([*equal, span.where]), span.order)
    beyond = _beyond(order[:width], position[:width], inclusive=inclusive and width == len(order))
    if term.is_plain:
        yield Span(beyond, order)
        return
    yield Span(all_of([beyond, Sql(term.is_present)]), _without_absent(order))
    yield from [] if term.absent_first else _absent(order, None)


def _compared(order: Order) -> int:
    # An index has the columns of one table, so only these are compared as one row, as in `(kind, id) > (?, ?)`.
    first = order[0]
    rest = takewhile(
        lambda term: term.is_plain and (term.descending, term.table) == (first.descending, first.table), order[1:]
    )
    return 1 + len(list(rest))


def _beyond(order: Order, position: Position, *, inclusive: bool) -> Sql:
    sign = ("<" if order[0].descending else ">") + ("=" if inclusive else "")
    if len(order) == 1:
        return sql(f"{order[0].column} {sign} ?", *position)
    columns, places = ", ".join(term.column for term in order), ", ".join("?" * len(order))
    return sql(f"({columns}) {sign} ({places})", *position)


def _present(order: Order) -> Span:
    return Span(Sql(order[0].is_present), _without_absent(order))


def _absent(order: Order, position: Position | None, *, inclusive: bool = False) -> Iterator[Span]:
    term = order[0]
    if _compared(order) == len(order):
        # With `=`, PostgreSQL would treat the column as constant, and could read the rows along the primary key, which
        # also contains the rows of all other lists.
        plain = _without_absent(order)
        beyond = [_beyond(plain, position, inclusive=inclusive)] if position else []
        yield Span(all_of([Sql(term.is_absent.replace(" = ", " >= ", 1)), *beyond]), plain)
        return
    for span in spans(order[1:], position[1:] if position else None, inclusive=inclusive):
        yield Span(all_of([Sql(term.is_absent), span.where]), span.order)


def _without_absent(order: Order) -> Order:
    # Among rows that all have the absent value, or that all have other values, the column sorts as an index does.
    return (order[0]._replace(absent=None), *order[1:])
