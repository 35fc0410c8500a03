"""Keyset pages: a page is found by seeking behind a position, so rows neither shift nor repeat between pages.

An order of several columns, or with absent values last, is not one comparison. It is cut into spans that follow each
other; each span is one range of an index, and one statement reads the first rows of every span.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Generic, TypeVar

from models.db.rows import R, RowMapper, cells_of
from models.db.sql import Sql, all_of, fetch, join, sql, stored_instant
from models.portal_merge import Branches

MOST_SPANS = 400
"""SQLite takes at most 500 SELECTs in one compound statement."""

K = TypeVar("K")
T = TypeVar("T")
Position = tuple[Any, ...]
"""The values of an order's terms in one row."""


@dataclass(frozen=True, slots=True)
class SortColumn:
    """One column of an order, never null; `kind` is the Python type of its values.

    `absent` stands for no value and is greater than every other: the column ascends with the absent ones last by
    itself. Against that grain (descending, absent last) the absent ones are a span of their own. Whole numbers go from
    0 to `largest`.
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
        """Whether the column's own order is the one that is wanted."""
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
"""Its last term is never null and unique, so that every row has one place."""


@dataclass(frozen=True, slots=True)
class Span:
    """A range of rows, and the order within it."""

    where: Sql
    order: Order


@dataclass(frozen=True, slots=True)
class Window:
    """Which rows of an order: the first `size` behind `position`, or with `backward` the last `size` before it."""

    size: int
    position: Position | None = None
    backward: bool = False


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    rows: list[T]
    positions: list[Position]
    has_previous: bool
    has_next: bool


@dataclass(frozen=True, slots=True)
class Listing(Generic[R]):
    """What is paged: the columns, where they come from, and in which order; with `branches` merged from these."""

    shape: RowMapper[R]
    source: str
    order: Order
    branches: Branches | None = None


def spans(order: Order, position: Position | None, *, inclusive: bool = False) -> list[Span]:
    """The ranges behind `position` (or all of them), in their order; `inclusive` keeps the position's own row."""
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
    """Where the first column has values only, its own order will do, and the database can read it off an index."""
    return (replace(order[0], absent=None), *order[1:])


def _equals(term: SortColumn, value: Any) -> Sql:
    return sql(f"{term.column} = ?", value)


async def page(listing: Listing[R], where: Sql, window: Window) -> Page[R]:
    """One page of the rows that meet `where`; one statement."""
    return (await pages(listing, {None: where}, window))[None]


async def pages(listing: Listing[R], groups: Mapping[K, Sql], window: Window) -> dict[K, Page[R]]:
    """The same page of each group, all in one statement (several only for very many groups)."""
    towards = tuple(t.reversed for t in listing.order) if window.backward else listing.order
    back = tuple(t.reversed for t in towards)
    ahead_spans = spans(towards, window.position)
    behind_spans = spans(back, window.position, inclusive=True) if window.position is not None else []

    selects: list[Sql] = []
    for index, where in enumerate(groups.values()):
        for rank, span in enumerate(ahead_spans):
            selects.append(_select(listing, where, span, window.size + 1, index, rank))
        for span in behind_spans:
            selects.append(_select(listing, where, span, 1, index, -1))

    found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for start in range(0, len(selects), MOST_SPANS):
        for record in await fetch(_one_statement(selects[start : start + MOST_SPANS])):
            cells = cells_of(record)
            found[cells[-2]].append(cells)
    return {key: _page(listing, found[index], window) for index, key in enumerate(groups)}


def _select(listing: Listing[R], where: Sql, span: Span, limit: int, group: int, rank: int) -> Sql:
    keys = ", ".join(f"{term.column} AS key_{i}" for i, term in enumerate(listing.order))
    columns = f"{listing.shape.columns}, {keys}, {group} AS page_group, {rank} AS page_span"
    ordered, found = _ordered(span.order), all_of([where, span.where])
    if listing.branches:
        names = {term.column: f"m.key_{i}" for i, term in enumerate(listing.order)}
        by_name = _ordered(replace(term, column=names[term.column]) for term in span.order)
        key = listing.order[-1].column
        return listing.branches.first_rows(columns, listing.source, found, (ordered, by_name), key, limit)
    return f"SELECT {columns} FROM {listing.source} WHERE " + found + f" ORDER BY {ordered} LIMIT {limit}"


def _ordered(order: Iterable[SortColumn]) -> str:
    return ", ".join(term.ordered for term in order)


def _one_statement(selects: Sequence[Sql]) -> Sql:
    if len(selects) == 1:
        return selects[0]
    return join(" UNION ALL ", ["SELECT * FROM (" + select + f") AS s{i}" for i, select in enumerate(selects)])


def _page(listing: Listing[R], records: list[tuple[Any, ...]], window: Window) -> Page[R]:
    behind = any(cells[-1] < 0 for cells in records)
    ahead = sorted((cells for cells in records if cells[-1] >= 0), key=lambda cells: cells[-1])
    more, kept = len(ahead) > window.size, ahead[: window.size]
    if window.backward:
        kept.reverse()
    width = len(listing.shape)
    positions = [_position(listing.order, cells[width:-2]) for cells in kept]
    has_previous, has_next = (more, behind) if window.backward else (behind, more)
    return Page(listing.shape.read(kept), positions, has_previous, has_next)


def _position(order: Order, cells: Sequence[Any]) -> Position:
    """The keys as the database gave them: SQLite's texts of instants and ids compare as well as the values do."""
    return tuple(cells)


async def count(source: str, where: Sql) -> int:
    """How many rows meet `where`."""
    return int(cells_of((await fetch(f"SELECT COUNT(*) FROM {source} WHERE " + where))[0])[0])


async def counts(source: str, groups: Mapping[K, Sql]) -> dict[K, int]:
    """How many rows each group has, all in one statement (several only for very many groups)."""
    selects = [
        f"SELECT {index} AS page_group, COUNT(*) AS counted FROM {source} WHERE " + where
        for index, where in enumerate(groups.values())
    ]
    found: dict[int, int] = {}
    for start in range(0, len(selects), MOST_SPANS):
        found |= {i: int(n) for i, n in map(cells_of, await fetch(_one_statement(selects[start : start + MOST_SPANS])))}
    return {key: found[index] for index, key in enumerate(groups)}


async def count_by(source: str, column: str, where: Sql) -> dict[Any, int]:
    """How many rows meet `where`, by the value of a column."""
    rows = await fetch(f"SELECT {column}, COUNT(*) FROM {source} WHERE " + where + f" GROUP BY {column}")
    return {cells_of(row)[0]: int(cells_of(row)[1]) for row in rows}
