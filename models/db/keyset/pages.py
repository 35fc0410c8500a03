"""Read pages of a list. One statement reads the first rows after a position in the list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from operator import itemgetter
from typing import Any, Generic, NamedTuple, TypeVar

from models.db.keyset.branches import Branches
from models.db.keyset.spans import Order, Position, SortColumn, Span, spans
from models.db.rows import R, RowMapper, ShownColumns, cells_of, indexable
from models.db.sql import Sql, all_of, fetch, is_postgres, join

MOST_SPANS = 400
"""The maximum number of SELECTs in one statement. SQLite allows 500 in a compound statement."""

K = TypeVar("K")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Window:
    """The rows to read from an ordered list: the first `size` rows after `position`.

    If `backward`, the last `size` rows before `position`. If `position` is None, the first `size` rows of the list, or
    the last `size` rows if `backward`.
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


class ShownPage(NamedTuple):
    """A page as records, for answers that only contain columns of the list. No named tuples are built.

    Each record begins with the requested columns, read by `ShownColumns` of models/db/rows.py. `places` are the
    indexes, in a record, of the columns by which the list is sorted.
    """

    records: Sequence[Sequence[Any]]
    places: tuple[int, ...]
    has_previous: bool
    has_next: bool


@dataclass(frozen=True, slots=True)
class Listing(Generic[R]):
    """The definition of a list of rows: the columns, the SQL source and the order.

    If `branches` is not None, the list is merged from these branches.
    """

    shape: RowMapper[R]
    source: str | Sql
    order: Order
    branches: Branches | None = None


async def page(listing: Listing[R], where: Sql, window: Window) -> Page[R]:
    """Return one page of the rows that meet `where`. The function runs one statement."""
    return (await pages(listing, {None: where}, window))[None]


async def pages(listing: Listing[R], groups: Mapping[K, Sql], window: Window) -> dict[K, Page[R]]:
    """Return one page for each of `groups`. The page of a group contains the rows that meet the group's condition.

    The function runs one statement, or several if there are more than MOST_SPANS spans. Positions contain the values
    that the database returned. SQLite returns instants and ids as texts, which sort in the order of the values.
    """
    width = len(listing.shape)
    found = await _read(listing, _every_column(listing), groups, window)
    return {
        key: Page(
            listing.shape.read(part.records),
            [tuple(record)[width:-2] for record in part.records],
            part.has_previous,
            part.has_next,
        )
        for key, part in found.items()
    }


async def shown_page(listing: Listing[R], names: tuple[str, ...], where: Sql, window: Window) -> ShownPage:
    """Return the page that `page` returns, as records of the columns `names` instead of named tuples."""
    return (await shown_pages(listing, names, {None: where}, window))[None]


async def shown_pages(
    listing: Listing[R], names: tuple[str, ...], groups: Mapping[K, Sql], window: Window
) -> dict[K, ShownPage]:
    """Return the pages that `pages` returns, as records of the columns `names` instead of named tuples."""
    columns, shown = _shown_columns(listing.shape, names, listing.order, is_postgres())
    found = await _read(listing, columns, groups, window)
    return {
        key: ShownPage(shown.converted(part.records), columns.places, part.has_previous, part.has_next)
        for key, part in found.items()
    }


class _Columns(NamedTuple):
    """The columns of a SELECT as SQL text, and the index and the output name of each column of the order."""

    text: str
    places: tuple[int, ...]
    names: tuple[str, ...]


class _Part(NamedTuple):
    records: Sequence[Sequence[Any]]
    has_previous: bool
    has_next: bool


def _every_column(listing: Listing[Any]) -> _Columns:
    names = tuple(f"key_{i}" for i in range(len(listing.order)))
    keys = ", ".join(f"{term.column} AS {name}" for term, name in zip(listing.order, names, strict=True))
    width = len(listing.shape)
    return _Columns(f"{listing.shape.columns}, {keys}", tuple(range(width, width + len(names))), names)


@lru_cache(maxsize=512)
def _shown_columns(
    shape: RowMapper[Any], names: tuple[str, ...], order: Order, postgres: bool
) -> tuple[_Columns, ShownColumns]:
    """Return the columns to select, and the ShownColumns that reads `names`.

    A column of the order that is also one of `names` is selected only once.
    """
    shown = shape.shown(names)
    decoded = {i for i, _ in shown.decoders}  # a cursor holds the value that the database returned
    texts: list[str] = list(shown.expressions)
    places = []
    for term in order:
        place = next((i for i, text in enumerate(texts) if text == term.column and i not in decoded), None)
        if place is None:
            place = len(texts)
            texts.append(term.column)
        places.append(place)
    text = ", ".join(f"{text} AS c{i}" for i, text in enumerate(texts))
    return _Columns(text, tuple(places), tuple(f"c{i}" for i in places)), shown


async def _read(listing: Listing[Any], columns: _Columns, groups: Mapping[K, Sql], window: Window) -> dict[K, _Part]:
    towards = tuple(t.reversed for t in listing.order) if window.backward else listing.order
    ahead_spans, behind_spans = spans(towards, window.position), []
    if window.position is not None:
        behind_spans = spans(tuple(t.reversed for t in towards), window.position, inclusive=True)

    selects: list[Sql] = []
    for index, where in enumerate(groups.values()):
        for rank, span in enumerate(ahead_spans):
            selects.append(_select(listing, columns, where, span, window.size + 1, index, rank))
        for span in behind_spans:
            selects.append(_select(listing, columns, where, span, 1, index, -1))

    if len(selects) == 1:
        records = indexable(await fetch(selects[0]))
        return {key: _part(records, window, behind=False) for key in groups}
    found: dict[int, list[Sequence[Any]]] = defaultdict(list)
    for start in range(0, len(selects), MOST_SPANS):
        for record in indexable(await fetch(_one_statement(selects[start : start + MOST_SPANS]))):
            found[record[-2]].append(record)
    return {key: _part_of_spans(found[index], window) for index, key in enumerate(groups)}


def _select(listing: Listing[Any], columns: _Columns, where: Sql, span: Span, limit: int, group: int, rank: int) -> Sql:
    selected = f"{columns.text}, {group} AS page_group, {rank} AS page_span"
    ordered, found = _ordered(span.order), all_of([where, span.where])
    if listing.branches:
        names = {term.column: f"m.{name}" for term, name in zip(listing.order, columns.names, strict=True)}
        by_name = _ordered(replace(term, column=names[term.column]) for term in span.order)
        key = listing.order[-1].column
        return listing.branches.first_rows(selected, listing.source, found, (ordered, by_name), key, limit)
    return f"SELECT {selected} FROM " + listing.source + " WHERE " + found + f" ORDER BY {ordered} LIMIT {limit}"


def _ordered(order: Iterable[SortColumn]) -> str:
    return ", ".join(term.ordered for term in order)


def _one_statement(selects: Sequence[Sql]) -> Sql:
    if len(selects) == 1:
        return selects[0]
    return join(" UNION ALL ", ["SELECT * FROM (" + select + f") AS s{i}" for i, select in enumerate(selects)])


def _part_of_spans(records: list[Sequence[Any]], window: Window) -> _Part:
    ahead = sorted((record for record in records if record[-1] >= 0), key=itemgetter(-1))
    return _part(ahead, window, behind=len(ahead) < len(records))


def _part(ahead: Sequence[Sequence[Any]], window: Window, *, behind: bool) -> _Part:
    """Return the page from the records `ahead` in their order. `behind` states whether the list has rows before them."""
    more, kept = len(ahead) > window.size, [*ahead[: window.size]]
    if window.backward:
        kept.reverse()
    has_previous, has_next = (more, behind) if window.backward else (behind, more)
    return _Part(kept, has_previous, has_next)


async def count(source: str | Sql, where: Sql) -> int:
    """Return the number of rows of `source` that meet `where`."""
    return int(cells_of((await fetch("SELECT COUNT(*) FROM " + source + " WHERE " + where))[0])[0])


def before_page(order: Order, window: Window) -> Sql | None:
    """Return the SQL condition on the rows to count. From their number, `rows_before` computes the rows before a page.

    These are the rows up to and including the window's position. If `backward`, they are the rows before the position,
    or all rows if there is no position. Return None if the page begins the list, so that no row has to be counted.
    """
    if window.position is None:
        return Sql("1=1") if window.backward else None
    found = spans(tuple(term.reversed for term in order), window.position, inclusive=not window.backward)
    return join(" OR ", [span.where for span in found]) if found else Sql("1=0")


def rows_before(counted: int, window: Window) -> int:
    """Return the number of rows before the page. `counted` is the number of rows that meet `before_page`."""
    return max(counted - window.size, 0) if window.backward else counted


async def counts(source: str | Sql, groups: Mapping[K, Sql]) -> dict[K, int]:
    """Return the number of rows of `source` in each group: the rows that meet the group's condition.

    The function runs one statement, or several if there are more than MOST_SPANS groups.
    """
    selects = [
        f"SELECT {index} AS page_group, COUNT(*) AS counted FROM " + source + " WHERE " + where
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
