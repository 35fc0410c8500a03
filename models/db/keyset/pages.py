"""Read pages of a list. One statement reads the first rows after a position in the list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Generic, NamedTuple, TypeVar

from models.db.keyset.listings import Listing, Window
from models.db.keyset.page_statements import (
    BEHIND,
    MOST_SELECTS,
    PageColumns,
    every_column,
    one_statement,
    page_statements,
    shown_columns,
)
from models.db.keyset.spans import Order, Position, spans
from models.db.rows import R, cells_of, indexable
from models.db.sql import Sql, fetch, is_postgres, join

K = TypeVar("K")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """The rows of a page, and the position of each row in the list.

    `has_previous` and `has_next` state whether the list has rows before and after the page.
    """

    rows: list[T]
    positions: list[Position]
    has_previous: bool
    has_next: bool


class ShownPage(NamedTuple):
    """A page whose rows are plain database records, for a response that contains only columns of the list.

    A record begins with the requested columns, in the form of the API. `places` are the indexes of the sort columns in
    a record.
    """

    records: Sequence[Sequence[Any]]
    places: tuple[int, ...]
    has_previous: bool
    has_next: bool


async def page(listing: Listing[R], where: Sql, window: Window) -> Page[R]:
    """Return one page of the rows that meet `where`. The function runs one statement."""
    return (await pages(listing, {None: where}, window))[None]


async def pages(listing: Listing[R], groups: Mapping[K, Sql], window: Window) -> dict[K, Page[R]]:
    """Return one page for each key of `groups`. The value of a key is the SQL condition on the rows of the page.

    For example, the groups are portals, and each page has the users of one portal. In the positions of a page, values
    are as the database returned them: with SQLite, instants and ids are texts. The function usually runs one statement.
    """
    width = len(listing.shape)
    found = await _read(listing, every_column(listing), groups, window)
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
    """Return one page of the rows that meet `where`, as records with the columns `names`."""
    return (await shown_pages(listing, names, {None: where}, window))[None]


async def shown_pages(
    listing: Listing[R], names: tuple[str, ...], groups: Mapping[K, Sql], window: Window
) -> dict[K, ShownPage]:
    """Return one page for each key of `groups`, as `pages` does, but as records with the columns `names`."""
    columns, shown = shown_columns(listing.shape, names, listing.order, is_postgres())
    found = await _read(listing, columns, groups, window)
    return {
        key: ShownPage(shown.converted(part.records), columns.places, part.has_previous, part.has_next)
        for key, part in found.items()
    }


class _Part(NamedTuple):
    records: Sequence[Sequence[Any]]
    has_previous: bool
    has_next: bool


async def _read(listing: Listing[Any], columns: PageColumns, groups: Mapping[K, Sql], window: Window) -> dict[K, _Part]:
    statements = page_statements(listing, columns, [*groups.values()], window)
    records = [record for statement in statements for record in indexable(await fetch(statement))]
    if len(groups) == 1:
        return {key: _part(records, window) for key in groups}
    found: dict[int, list[Sequence[Any]]] = defaultdict(list)
    for record in records:
        found[record[-2]].append(record)
    return {key: _part(found[index], window) for index, key in enumerate(groups)}


def _part(records: list[Sequence[Any]], window: Window) -> _Part:
    ahead = records
    if {record[-1] for record in records} - {0}:  # there are several spans, whose rows come in any order
        ahead = sorted((record for record in records if record[-1] != BEHIND), key=itemgetter(-1))
    more, kept = len(ahead) > window.size, ahead[: window.size]
    if window.backward:
        kept.reverse()
    behind = len(ahead) < len(records)
    has_previous, has_next = (more, behind) if window.backward else (behind, more)
    return _Part(kept, has_previous, has_next)


async def count(source: str | Sql, where: Sql) -> int:
    """Return the number of rows of `source` that meet `where`."""
    return int(cells_of((await fetch("SELECT COUNT(*) FROM " + source + " WHERE " + where))[0])[0])


def before_page(order: Order, window: Window) -> Sql | None:
    """Return the SQL condition on the rows before a page, or None if the page begins the list.

    Pass the number of these rows to `rows_before`. If the window reads backward, the condition also includes the page's
    own rows, and `rows_before` subtracts them.
    """
    if window.position is None:
        return Sql("1=1") if window.backward else None
    found = spans(tuple(term.reversed for term in order), window.position, inclusive=not window.backward)
    return join(" OR ", [span.where for span in found]) if found else Sql("1=0")


def rows_before(counted: int, window: Window) -> int:
    """Return the number of rows of the list before the page.

    `counted` is the number of rows that meet the SQL condition which `before_page` has returned for the same window.
    """
    return max(counted - window.size, 0) if window.backward else counted


async def counts(source: str | Sql, groups: Mapping[K, Sql]) -> dict[K, int]:
    """Return the number of rows for each key of `groups`. The value of a key is the SQL condition on the rows to count.

    The function runs one statement for every MOST_SELECTS groups.
    """
    selects = [
        f"SELECT {index} AS page_group, COUNT(*) AS counted FROM " + source + " WHERE " + where
        for index, where in enumerate(groups.values())
    ]
    found: dict[int, int] = {}
    for start in range(0, len(selects), MOST_SELECTS):
        found |= {
            i: int(n) for i, n in map(cells_of, await fetch(one_statement(selects[start : start + MOST_SELECTS])))
        }
    return {key: found[index] for index, key in enumerate(groups)}


async def count_by(source: str, column: str, where: Sql) -> dict[Any, int]:
    """Count the rows that meet `where` by their value of `column`, such as `{"ACTIVE": 12, "STAGED": 3}`."""
    rows = await fetch(f"SELECT {column}, COUNT(*) FROM {source} WHERE " + where + f" GROUP BY {column}")
    return {cells_of(row)[0]: int(cells_of(row)[1]) for row in rows}
