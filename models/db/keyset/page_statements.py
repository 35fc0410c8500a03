"""Build the statements that read pages of a list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from models.db.dialect import limit
from models.db.keyset.listings import Listing, Window
from models.db.keyset.spans import Order, SortColumn, spans
from models.db.rows import RowMapper, ShownColumns, shown_id
from models.db.sql import Sql, all_of, join

MOST_SELECTS = 400
"""The maximum number of SELECTs in one statement. SQLite allows 500 in a compound statement."""

BEHIND = -1
"""The number at the end of a record that is read from before the page. Other records end with the rank of their span.

The function `page_statements` describes these numbers.
"""


class PageColumns(NamedTuple):
    """The columns of a SELECT that reads a page.

    - `text`: the SQL text of the columns.
    - `places`: the positions of the sort columns among these columns.
    - `names`: the ORDER BY term of each sort column, such as `c3 COLLATE "C"`.
    """

    text: str
    places: tuple[int, ...]
    names: tuple[str, ...]


def every_column(listing: Listing[Any]) -> PageColumns:
    """Return the columns to select for whole rows of the list: all columns of a row, then the sort columns."""
    names = tuple(f"key_{i}" for i in range(len(listing.order)))
    keys = ", ".join(f"{term.column} AS {name}" for term, name in zip(listing.order, names, strict=True))
    width = len(listing.shape)
    return PageColumns(f"{listing.shape.columns}, {keys}", tuple(range(width, width + len(names))), names)


@lru_cache(maxsize=512)
def shown_columns(
    shape: RowMapper[Any], names: tuple[str, ...], order: Order, postgres: bool
) -> tuple[PageColumns, ShownColumns]:
    """Return the columns to select for the fields `names`, and the ShownColumns that reads these fields.

    The sort columns are selected too, but no column is selected twice.
    """
    shown = shape.shown(names)
    decoded = {i for i, _ in shown.decoders}  # a cursor holds the value that the database returned
    texts: list[str] = list(shown.expressions)
    places = []
    for term in order:
        sorted_by = shown_id(term.column) if postgres and term.kind is UUID else term.column
        place = next((i for i, text in enumerate(texts) if text == sorted_by and i not in decoded), None)
        if place is None:
            place = len(texts)
            texts.append(sorted_by)
        places.append(place)
    text = ", ".join(f"{text} AS c{i}" for i, text in enumerate(texts))
    # The bytes of an id's text sort as the id does. The database's own collation might sort them differently.
    sorting = ['COLLATE "C"' if postgres and term.kind is UUID else "" for term in order]
    names = tuple(f"c{i} {collation}".rstrip() for i, collation in zip(places, sorting, strict=True))
    return PageColumns(text, tuple(places), names), shown


def page_statements(
    listing: Listing[Any], columns: PageColumns, conditions: Sequence[Sql], window: Window
) -> Iterator[Sql]:
    """Yield the statements that read one page for each of `conditions`. Usually this is one statement.

    A record ends with two numbers: the index of its condition, and the number (rank) of its span.

    - The spans from the start of the page on have the ranks 0, 1 and so on. One row beyond the page is read, to see
      whether more rows follow the page.
    - Rows before the page have the rank BEHIND. Only one row of each span is read, to see whether there are any.

    A statement has at most MOST_SELECTS SELECTs.
    """
    towards = tuple(term.reversed for term in listing.order) if window.backward else listing.order
    ahead, behind = spans(towards, window.position), []
    if window.position is not None:
        behind = spans(tuple(term.reversed for term in towards), window.position, inclusive=True)
    at_once = max(1, MOST_SELECTS // (len(ahead) + len(behind)))
    for start in range(0, len(conditions), at_once):
        named: list[Sql] = []
        selects: list[Sql] = []
        for group, where in enumerate(conditions[start : start + at_once], start):
            for rank, span in enumerate(ahead):
                found = all_of([where, span.where])
                select = _select(listing, columns, found, span.order, window.size + 1, group, rank)
                if len(ahead) > 1:
                    named.append(f"{_name(group, rank)} AS (" + _still_missing(select, group, rank, window) + ")")
                    select = Sql(f"SELECT * FROM {_name(group, rank)}")
                selects.append(select)
            for span in behind:
                selects.append(_select(listing, columns, all_of([where, span.where]), span.order, 1, group, BEHIND))
        yield ("WITH " + join(", ", named) + " " if named else Sql("")) + one_statement(selects)


def _still_missing(select: Sql, group: int, rank: int, window: Window) -> Sql:
    # Usually the first span fills the page. The databases then read no rows of the other spans.
    earlier = [f"(SELECT COUNT(*) FROM {_name(group, number)})" for number in range(rank)]
    if not earlier:
        return select
    # The SELECT keeps its own limit, because PostgreSQL plans for a tenth of the rows if a limit is computed.
    return "SELECT * FROM (" + select + f") AS span LIMIT {window.size + 1} - {' - '.join(earlier)}"


def _name(group: int, rank: int) -> str:
    return f"group_{group}_span_{rank}"


def _select(
    listing: Listing[Any], columns: PageColumns, where: Sql, order: Order, most: int, group: int, rank: int
) -> Sql:
    selected = f"{columns.text}, {group} AS page_group, {rank} AS page_span"
    ordered = _ordered(order)
    if listing.branches:
        names = {term.column: f"m.{name}" for term, name in zip(listing.order, columns.names, strict=True)}
        by_name = _ordered(term._replace(column=names[term.column]) for term in order)
        key = listing.order[-1].column
        return listing.branches.first_rows(selected, listing.source, where, (ordered, by_name), key, most)
    return f"SELECT {selected} FROM " + listing.source + " WHERE " + where + f" ORDER BY {ordered}" + limit(most)


def _ordered(order: Iterable[SortColumn]) -> str:
    return ", ".join(term.ordered for term in order)


def one_statement(selects: Sequence[Sql]) -> Sql:
    """Return one statement for all SELECTs (UNION ALL). The order of its rows is undefined."""
    if len(selects) == 1:
        return selects[0]
    return join(" UNION ALL ", ["SELECT * FROM (" + select + f") AS s{i}" for i, select in enumerate(selects)])
