"""The types of a paginated list."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

import strawberry

from models.db.keyset.pages import Page, ShownPage
from models.db.keyset.spans import Order
from resolvers.core.field_costs import cost
from resolvers.loading.once import Once
from resolvers.paging.cursors import write_cursor
from resolvers.paging.visibility import Visibility

T = TypeVar("T")

COUNT_COST = 50
"""The cost of counting all items of a list. It is as high as that of 50 values in the answer."""


@strawberry.type(description="The position of a page in its list.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether items follow this page.")
    has_previous_page: bool = strawberry.field(description="Whether items precede this page.")
    start_cursor: str | None = strawberry.field(
        description="The cursor of the first edge, for `before`. Null if the page is empty."
    )
    end_cursor: str | None = strawberry.field(
        description="The cursor of the last edge, for `after`. Null if the page is empty."
    )


@strawberry.type(description="An item of a list, with its cursor.")
class Edge(Generic[T]):
    node: T = strawberry.field(description="The item.")
    cursor: str = strawberry.field(
        description="The item's position in this order, for `after` or `before`. It stays valid if the item leaves the list."
        " Opaque: pass it unchanged."
    )


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    order: strawberry.Private[Order]
    page: strawberry.Private[Once[Page[Any]]]
    total: strawberry.Private[Callable[[], Any]]
    render: strawberry.Private[Callable[[Any], Any]]
    shown: strawberry.Private[Callable[[tuple[str, ...]], Awaitable[ShownPage]] | None] = None
    """A function that reads the page as database records with only the named columns.

    None if the list cannot be read as records.
    """

    key: strawberry.Private[str] = ""
    """The result of `list_key`, a digest of the conditions that select the items. Cursors of the list depend on it."""

    visibility: strawberry.Private[Visibility | None] = None
    """The check whether the viewer can see the list. If the viewer cannot see it, the field is null.

    If the check is None, every viewer of the field can see the list.
    """

    @strawberry.field(description="The items of the page, with a cursor each.")
    async def edges(self) -> list[Edge[T]]:
        page = await self.page()
        return [
            Edge(node=self.render(row), cursor=write_cursor(self.order, position, self.key))
            for row, position in zip(page.rows, page.positions, strict=True)
        ]

    @strawberry.field(description="The items of the page.")
    async def nodes(self) -> list[T]:
        return [self.render(row) for row in (await self.page()).rows]

    @strawberry.field(description="The position of the page in the list.")
    async def page_info(self) -> PageInfo:
        page = await self.page()
        ends = [write_cursor(self.order, position, self.key) for position in (page.positions[:1] + page.positions[-1:])]
        return PageInfo(
            has_next_page=page.has_next,
            has_previous_page=page.has_previous,
            start_cursor=ends[0] if ends else None,
            end_cursor=ends[-1] if ends else None,
        )

    @strawberry.field(description="Number of items in the whole list.", metadata=cost(own=COUNT_COST))
    async def total_count(self) -> int:
        return int(await self.total())
