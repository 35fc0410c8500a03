"""Relay's pages: arguments into windows, positions into cursors, pages into connections."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

import orjson
import strawberry

from models.db.keyset import Order, Page, Position, SortColumn, Window
from models.db.sql import stored_instant
from resolvers.core.field_costs import cost
from resolvers.loading.once import Once
from rules.refusals import Code, Refusal

T = TypeVar("T")

MOST = 100
DEFAULT = 50
COUNT = 50
"""Values that counting a whole list is worth."""
VERSION = 1

First = Annotated[
    int | None,
    strawberry.argument(description="How many from the start, or behind `after`: 1 to 100. Default 50."),
]
After = Annotated[
    str | None,
    strawberry.argument(
        description="Only what comes behind this cursor, taken from the same list in the same order. Not with `last`."
    ),
]
Last = Annotated[
    int | None,
    strawberry.argument(
        description="How many from the end, or before `before`: 1 to 100. Default 50 with `before`. Not with `first`."
    ),
]
Before = Annotated[
    str | None,
    strawberry.argument(
        description="Only what comes before this cursor, taken from the same list in the same order. Not with `first`."
    ),
]


@dataclass(frozen=True, slots=True)
class Paging:
    """The four arguments as they came."""

    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None

    def window(self, order: Order) -> Window:
        """Which rows they ask for; BAD_USER_INPUT for sizes and cursors that make no sense, never a silent correction."""
        if self.first is not None and self.last is not None:
            _refuse("Give first or last, not both.")
        if self.after is not None and self.before is not None:
            _refuse("Give after or before, not both.")
        backward = self.last is not None or self.before is not None
        if backward and (self.first is not None or self.after is not None):
            _refuse("after goes with first, before goes with last.")
        size = self.last if backward else self.first
        if size is not None and not 1 <= size <= MOST:
            _refuse(f"{'last' if backward else 'first'} is {size}; it goes from 1 to {MOST}. Page on with a cursor.")
        cursor = self.before if backward else self.after
        return Window(
            size=size if size is not None else DEFAULT,
            position=None if cursor is None else read_cursor(order, cursor),
            backward=backward,
        )


def _refuse(message: str) -> None:
    raise Refusal(Code.BAD_USER_INPUT, message)


def write_cursor(order: Order, position: Position) -> str:
    """A position as clients carry it: the format's version, the order's digest, the values."""
    values = [stored_instant(v) if isinstance(v, datetime) else str(v) if isinstance(v, UUID) else v for v in position]
    return urlsafe_b64encode(orjson.dumps([VERSION, _digest(order), *values])).decode().rstrip("=")


def read_cursor(order: Order, cursor: str) -> Position:
    """The position in a cursor of exactly this order; BAD_USER_INPUT for any other text."""
    digest: object = None
    position: Position = ()
    try:
        version, digest, *values = orjson.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        position = tuple(_value(term, v) for term, v in zip(order, values, strict=True))
        is_ours = version == VERSION and write_cursor(order, position) == cursor
    except (Error, ValueError, TypeError, UnicodeEncodeError):
        is_ours = False
    if not is_ours:
        if isinstance(digest, str) and digest != _digest(order):
            _refuse("The cursor belongs to a list in another order. Start again without a cursor.")
        _refuse("The cursor is not one of this list. Start again without a cursor.")
    return position


def _value(term: SortColumn, value: object) -> Any:
    """The value as its column takes it; ValueError for what no row can have there."""
    if term.kind is UUID:
        return UUID(str(value))
    if term.kind is datetime:
        return _in_utc(datetime.fromisoformat(str(value)))
    if type(value) is not term.kind:
        raise ValueError("a value of another type")
    if isinstance(value, int) and not 0 <= value <= term.largest:
        raise ValueError("a number out of range")
    if isinstance(value, str) and "\0" in value:
        raise ValueError("a character that PostgreSQL does not store")
    return value


def _in_utc(instant: datetime) -> datetime:
    if instant.utcoffset() != timedelta():
        raise ValueError("an instant that is not in UTC")
    return instant


@lru_cache(maxsize=256)
def _digest(order: Order) -> str:
    return blake2b(",".join(term.ordered for term in order).encode(), digest_size=6).hexdigest()


@strawberry.type(description="Where a page lies in its list.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether anything comes behind this page.")
    has_previous_page: bool = strawberry.field(description="Whether anything comes before this page.")
    start_cursor: str | None = strawberry.field(
        description="Of the first edge, for `before`; null when the page is empty."
    )
    end_cursor: str | None = strawberry.field(description="Of the last edge, for `after`; null when the page is empty.")


@strawberry.type(description="One place in a list.")
class Edge(Generic[T]):
    node: T = strawberry.field(description="What is at this place.")
    cursor: str = strawberry.field(
        description="Stands for this place, in this order; hand it to `after` or `before` as it is."
    )


@strawberry.type(description="A page of a list. What is not selected is not read.")
class Connection(Generic[T]):
    order: strawberry.Private[Order]
    page: strawberry.Private[Once[Page[Any]]]
    total: strawberry.Private[Callable[[], Any]]
    render: strawberry.Private[Callable[[Any], Any]]

    @strawberry.field(description="The page with a cursor for each place.")
    async def edges(self) -> list[Edge[T]]:
        page = await self.page()
        return [
            Edge(node=self.render(row), cursor=write_cursor(self.order, position))
            for row, position in zip(page.rows, page.positions, strict=True)
        ]

    @strawberry.field(description="The page without cursors.")
    async def nodes(self) -> list[T]:
        return [self.render(row) for row in (await self.page()).rows]

    @strawberry.field(description="Where the page lies in the list.")
    async def page_info(self) -> PageInfo:
        page = await self.page()
        ends = [write_cursor(self.order, position) for position in (page.positions[:1] + page.positions[-1:])]
        return PageInfo(
            has_next_page=page.has_next,
            has_previous_page=page.has_previous,
            start_cursor=ends[0] if ends else None,
            end_cursor=ends[-1] if ends else None,
        )

    @strawberry.field(
        description="How many there are in the whole list, not only in this page.", metadata=cost(own=COUNT)
    )
    async def total_count(self) -> int:
        return int(await self.total())
