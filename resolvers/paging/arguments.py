"""The arguments of a paginated list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, NoReturn

import strawberry

from models.db.keyset.pages import Window
from models.db.keyset.spans import Order
from resolvers.paging.cursors import read_cursor
from rules.refusals import Code, Refusal

LARGEST_PAGE = 100
DEFAULT_PAGE = 50

First = Annotated[
    int | None,
    strawberry.argument(
        description=f"Number of items from the start of the list, or after `after`: 1 to {LARGEST_PAGE}."
        f" Default {DEFAULT_PAGE}."
    ),
]
After = Annotated[
    str | None,
    strawberry.argument(
        description="Return items after this cursor. The cursor must come from the same list, with the same order, filter and search. Not"
        " with `last`. Null or empty: none."
    ),
]
Last = Annotated[
    int | None,
    strawberry.argument(
        description=f"Number of items from the end of the list, or before `before`: 1 to {LARGEST_PAGE}. Default"
        f" {DEFAULT_PAGE} with `before`. Not with `first`."
    ),
]
Before = Annotated[
    str | None,
    strawberry.argument(
        description="Return items before this cursor. The cursor must come from the same list, with the same order, filter and search. Not"
        " with `first`. Null or empty: none."
    ),
]


@dataclass(frozen=True, slots=True)
class Paging:
    """The four arguments of a paginated list, as the client sent them, and the key of the list."""

    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None
    key: str = ""
    """The `list_key` of the list's conditions."""

    def window(self, order: Order) -> Window:
        """Return the window of rows to read.

        Raise Refusal(BAD_USER_INPUT) for a size out of bounds, a cursor of another list, or arguments that exclude each
        other. No argument is corrected silently.
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
