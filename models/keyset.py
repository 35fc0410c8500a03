"""Keyset pages: a page is found by seeking behind a position, so rows neither shift nor repeat between pages.

An order with nulls last, or of several columns, is not one comparison. It is cut into spans that follow each other; each
span is one range of an index with an order of its own, and one statement reads the first rows of every span.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from models.rows import R, Shape, cells_of
from models.sql import Sql, all_of, fetch, join, sql

MOST_SPANS = 400
"""SQLite takes at most 500 SELECTs in one compound statement."""

K = TypeVar("K")
T = TypeVar("T")
Position = tuple[Any, ...]
"""The values of an order's terms in one row."""


@dataclass(frozen=True, slots=True)
class Term:
    """One column of an order; `kind` is the Python type of its values."""

    column: str
    kind: type
    nullable: bool = False
    descending: bool = False
    nulls_first: bool = False

    @property
    def reversed(self) -> Term:
        return replace(self, descending=not self.descending, nulls_first=not self.nulls_first)

    @property
    def ordered(self) -> str:
        direction = "DESC" if self.descending else "ASC"
        nulls = (" NULLS FIRST" if self.nulls_first else " NULLS LAST") if self.nullable else ""
        return f"{self.column} {direction}{nulls}"


Order = tuple[Term, ...]
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
    look_behind: bool = True
    """Whether to find out if there are rows on the near side of the position."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    rows: list[T]
    positions: list[Position]
    has_previous: bool
    has_next: bool


@dataclass(frozen=True, slots=True)
class Listing(Generic[R]):
    """What is paged: the columns, where they come from, and in which order."""

    shape: Shape[R]
    source: str
    order: Order


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
    if not term.nullable:
        yield Span(Sql("1=1"), order)
        return
    present, absent = Span(Sql(f"{term.column} IS NOT NULL"), order), Span(Sql(f"{term.column} IS NULL"), order[1:])
    yield from (absent, present) if term.nulls_first else (present, absent)


def _values_behind(order: Order, value: Any, *, inclusive: bool) -> Iterator[Span]:
    term = order[0]
    if value is None:
        if term.nulls_first:
            yield Span(Sql(f"{term.column} IS NOT NULL"), order)
        return
    sign = ("<" if term.descending else ">") + ("=" if inclusive else "")
    yield Span(sql(f"{term.column} {sign} ?", value), order)
    if term.nullable and not term.nulls_first:
        yield Span(Sql(f"{term.column} IS NULL"), order[1:])


def _equals(term: Term, value: Any) -> Sql:
    return Sql(f"{term.column} IS NULL") if value is None else sql(f"{term.column} = ?", value)


async def page(listing: Listing[R], where: Sql, window: Window) -> Page[R]:
    """One page of the rows that meet `where`; one statement."""
    return (await pages(listing, {None: where}, window))[None]


async def pages(listing: Listing[R], groups: Mapping[K, Sql], window: Window) -> dict[K, Page[R]]:
    """The same page of each group, all in one statement (several only for very many groups)."""
    towards = tuple(t.reversed for t in listing.order) if window.backward else listing.order
    back = tuple(t.reversed for t in towards)
    ahead_spans = spans(towards, window.position)
    behind_spans = (
        spans(back, window.position, inclusive=True) if window.position is not None and window.look_behind else []
    )

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
    ordered = ", ".join(term.ordered for term in span.order)
    return (
        f"SELECT {listing.shape.columns}, {keys}, {group} AS page_group, {rank} AS page_span"
        f" FROM {listing.source} WHERE " + all_of([where, span.where]) + f" ORDER BY {ordered} LIMIT {limit}"
    )


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


async def count_by(source: str, column: str, where: Sql) -> dict[Any, int]:
    """How many rows meet `where`, by the value of a column."""
    rows = await fetch(f"SELECT {column}, COUNT(*) FROM {source} WHERE " + where + f" GROUP BY {column}")
    return {cells_of(row)[0]: int(cells_of(row)[1]) for row in rows}
