"""Read pages of a list. One statement reads the first rows after a position, from each span of the list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from models.db.keyset.branches import Branches
from models.db.keyset.spans import Order, Position, SortColumn, Span, spans
from models.db.rows import R, RowMapper, cells_of
from models.db.sql import Sql, all_of, fetch, join

MOST_SPANS = 400
"""The maximum number of SELECTs in one statement. SQLite allows 500 in a compound statement."""

K = TypeVar("K")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Window:
    """The rows to read from an ordered list.

    A window is the first `size` rows after `position`. If `backward`, a window is the last `size` rows before
    `position`. If `position` is None, reading starts at the beginning of the list, or with `backward` at the end.
    """

    size: int
    position: Position | None = None
    backward: bool = False


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """The rows of a page, the position of each row, and whether the list has more rows before and after the page."""

    rows: list[T]
    positions: list[Position]
    has_previous: bool
    has_next: bool


@dataclass(frozen=True, slots=True)
class Listing(Generic[R]):
    """The definition of a list of rows: the columns, the source and the order.

    With `branches`, the list is merged from them.
    """

    shape: RowMapper[R]
    source: str
    order: Order
    branches: Branches | None = None


async def page(listing: Listing[R], where: Sql, window: Window) -> Page[R]:
    """Return one page of the rows that meet `where`. Run one statement."""
    return (await pages(listing, {None: where}, window))[None]


async def pages(listing: Listing[R], groups: Mapping[K, Sql], window: Window) -> dict[K, Page[R]]:
    """Return one page for each group. Run one statement, or several if there are more than MOST_SPANS spans.

    Positions contain the values that the database returned. SQLite returns instants and ids as texts. These texts sort
    in the order of the values.
    """
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
    positions = [cells[width:-2] for cells in kept]
    has_previous, has_next = (more, behind) if window.backward else (behind, more)
    return Page(listing.shape.read(kept), positions, has_previous, has_next)


async def count(source: str, where: Sql) -> int:
    """Return the number of rows of `source` that meet `where`."""
    return int(cells_of((await fetch(f"SELECT COUNT(*) FROM {source} WHERE " + where))[0])[0])


async def counts(source: str, groups: Mapping[K, Sql]) -> dict[K, int]:
    """Return the number of rows of each group. Run one statement, or several if there are more than MOST_SPANS groups."""
    selects = [
        f"SELECT {index} AS page_group, COUNT(*) AS counted FROM {source} WHERE " + where
        for index, where in enumerate(groups.values())
    ]
    found: dict[int, int] = {}
    for start in range(0, len(selects), MOST_SPANS):
        found |= {i: int(n) for i, n in map(cells_of, await fetch(_one_statement(selects[start : start + MOST_SPANS])))}
    return {key: found[index] for index, key in enumerate(groups)}


async def count_by(source: str, column: str, where: Sql) -> dict[Any, int]:
    """Return the number of rows of `source` that meet `where`, by the value of `column`."""
    rows = await fetch(f"SELECT {column}, COUNT(*) FROM {source} WHERE " + where + f" GROUP BY {column}")
    return {cells_of(row)[0]: int(cells_of(row)[1]) for row in rows}
