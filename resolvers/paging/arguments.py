"""The arguments of a paginated list."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple, NoReturn

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.extensions import FieldExtension
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from models.db.keyset.listings import Window
from models.db.keyset.spans import Order
from resolvers.core.context import Info
from resolvers.paging.cursors import list_key, read_cursor
from rules.refusals import Code, Refusal

LARGEST_PAGE = 100
DEFAULT_PAGE = 50

_CURSOR = (
    "{what} this cursor. The order and all conditions must be those of the request that returned the cursor: otherwise it is"
    " refused with BAD_USER_INPUT. Not with `{other}`. Null or empty: none."
)

_DESCRIPTIONS: dict[str, tuple[object, str]] = {
    "first": (
        int | None,
        f"Number of items from the start of the list, or after `after`: 1 to {LARGEST_PAGE}. Default {DEFAULT_PAGE}.",
    ),
    "after": (str | None, _CURSOR.format(what="Return items after", other="last")),
    "last": (
        int | None,
        f"Number of items from the end of the list, or before `before`: 1 to {LARGEST_PAGE}. Default {DEFAULT_PAGE} with"
        " `before`. Not with `first`.",
    ),
    "before": (str | None, _CURSOR.format(what="Return items before", other="first")),
}

_OF_THE_ORDER = "order_by"
"""The argument that `PageArguments` leaves out of `list_key`, because a cursor contains a digest of the sort columns.

A cursor that was returned without `order_by` is therefore also valid if `order_by` names the default order.
"""


class Paging(NamedTuple):
    """The paging arguments of a list, as the client sent them.

    `key` is a digest of the list's other arguments, such as filters. The function `list_key` makes it.
    """

    first: int | None
    after: str | None
    last: int | None
    before: str | None
    key: str

    def window(self, order: Order) -> Window:
        """Return the window of rows to read.

        Raise Refusal(BAD_USER_INPUT) in each of these cases:

        - The size is not between 1 and LARGEST_PAGE.
        - The cursor belongs to another list.
        - Two arguments exclude each other.
        """
        after, before = self.after or None, self.before or None
        if self.first is not None and self.last is not None:
            _refuse("Give first or last, not both.")
        if after and before:
            _refuse("Give after or before, not both.")
        backward = self.last is not None or before is not None
        if backward and (self.first is not None or after is not None):
            _refuse("Use after with first, and before with last.")
        size = self.last if backward else self.first
        if size is not None and not 1 <= size <= LARGEST_PAGE:
            name = "last" if backward else "first"
            _refuse(f"{name} is {size}; it must be from 1 to {LARGEST_PAGE}. Read further pages with a cursor.")
        cursor = before if backward else after
        return Window(
            size=size if size is not None else DEFAULT_PAGE,
            position=None if cursor is None else read_cursor(order, cursor, self.key),
            backward=backward,
        )


def _refuse(message: str) -> NoReturn:
    raise Refusal(Code.BAD_USER_INPUT, message)


class PageArguments(FieldExtension):
    """Adds the arguments first, after, last and before to a field. The resolver gets them as `paging`.

    `paging.key` is a digest of the field's other arguments except the order. A cursor is valid only for lists with the
    same digest. If the constructor gets `owner`, the list belongs to the object that has the field: the digest then
    also covers the object's global id, under the name `owner`. Requires an async resolver.
    """

    def __init__(self, owner: str | None = None) -> None:
        self._owner = owner

    def apply(self, field: StrawberryField) -> None:
        assert field.base_resolver is not None  # noqa: S101  # a list is read by a resolver
        own = [argument for argument in field.base_resolver.arguments if argument.python_name != "paging"]
        field.arguments = [*own, *_page_arguments()]

    async def resolve_async(
        self,
        next_: Callable[..., Awaitable[Any]],
        source: Any,
        info: Info,
        *,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
        **others: Any,
    ) -> Any:
        conditions = {name: value for name, value in others.items() if name != _OF_THE_ORDER}
        if self._owner is not None:
            conditions[self._owner] = source.id
        paging = Paging(first, after, last, before, list_key(conditions))
        return await next_(source, info, paging=paging, **others)


def _page_arguments() -> list[StrawberryArgument]:
    return [
        StrawberryArgument(name, None, StrawberryAnnotation(kind), description=description, default=None)
        for name, (kind, description) in _DESCRIPTIONS.items()
    ]


def paged_field(owner: str, description: str) -> Any:
    """Return the field of a paginated list that belongs to an object, such as the field `users` of a portal.

    A cursor is valid only in lists of the same object. `owner` is the name under which the object's id is known, such
    as `portal_id`. A root field can show the same list, selected by an argument `portal_id`. Cursors of one of these
    two fields are then valid in the other.
    """
    return strawberry.field(description=description, extensions=[PageArguments(owner)])
