"""Split the rows of an ordered list into ranges of an index.

One comparison cannot express an order of several columns, or an order with absent values last. The rows are therefore
split into consecutive spans. Each span is one range of an index.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from models.db.sql import Sql, all_of, sql, stored_instant

Position = tuple[Any, ...]
"""The position of a row in a list: the row's values in the columns of the order."""


@dataclass(frozen=True, slots=True)
class SortColumn:
    """One column of an order. The column must never be null. `kind` is the Python type of its values.

    `absent` is the stored value that means "no value". It is greater than every other value, so an ascending column has
    the absent values last. If a descending column has absent values last, the absent values are a separate span.
    Integers range from 0 to `largest`.
    """

    column: str
    kind: type
    absent: str | datetime | None = None
    descending: bool = False
    absent_first: bool = False
    largest: int = 2**31 - 1

    @property
    def reversed(self) -> SortColumn:
        return replace(self, descending=not self.descending, absent_first=not self.absent_first)

    @property
    def is_plain(self) -> bool:
        """Return whether sorting by this column alone gives the order, without a separate span for absent values."""
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


Order = tuple[SortColumn, ...]
"""The columns of an order. The last column must be unique, so that each row has a different position."""


@dataclass(frozen=True, slots=True)
class Span:
    """A range of rows, and the order of the rows within the range."""

    where: Sql
    order: Order


def spans(order: Order, position: Position | None, *, inclusive: bool = False) -> list[Span]:
    """Return the spans after `position`, in order. If `position` is None, return all spans.

    If `inclusive`, the spans include the row at `position`.
    """
    if position is None:
        return list(_all_values(order))
    behind = []
    for k in reversed(range(len(order))):
        fixed = [_equals(term, value) for term, value in zip(order[:k], position[:k], strict=True)]
        last = k == len(order) - 1
        for span in _values_behind(order[k:], position[k], inclusive=inclusive and last):
            behind.append(Span(all_of([*fixed, span.where]), span.order))
    return behind


def _all_values(order: Order) -> Iterator[Span]:
    term = order[0]
    if term.is_plain:
        yield Span(Sql("1=1"), order)
        return
    present, absent = [_present(order)], list(_absent(order))
    yield from [*absent, *present] if term.absent_first else [*present, *absent]


def _values_behind(order: Order, value: Any, *, inclusive: bool) -> Iterator[Span]:
    term = order[0]
    beyond = sql(f"{term.column} {'<' if term.descending else '>'}{'=' if inclusive else ''} ?", value)
    if term.is_plain:
        yield Span(beyond, order)
    elif value == term.absent:
        yield from [_present(order)] if term.absent_first else []
    else:
        yield Span(all_of([beyond, Sql(term.is_present)]), _without_absent(order))
        yield from [] if term.absent_first else _absent(order)


def _present(order: Order) -> Span:
    return Span(Sql(order[0].is_present), _without_absent(order))


def _absent(order: Order) -> Iterator[Span]:
    for span in _all_values(order[1:]):
        yield Span(all_of([Sql(order[0].is_absent), span.where]), span.order)


def _without_absent(order: Order) -> Order:
    """Return the order for rows that have a value in the first column. An index can provide this order."""
    return (replace(order[0], absent=None), *order[1:])


def _equals(term: SortColumn, value: Any) -> Sql:
    return sql(f"{term.column} = ?", value)
