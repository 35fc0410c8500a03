"""Definitions of ordered lists, and of the part of a list to read."""

from __future__ import annotations

from typing import Generic, NamedTuple

from models.db.keyset.branches import Branches
from models.db.keyset.spans import Order, Position
from models.db.rows import R, RowMapper
from models.db.sql import Sql


class Window(NamedTuple):
    """The part of an ordered list to read: the first `size` rows after `position`.

    `position` holds the sort values of a row. If `position` is None, the rows are the first `size` rows of the list. If
    `backward` is true, the rows are the last `size` rows before `position`, or the last rows of the list.
    """

    size: int
    position: Position | None = None
    backward: bool = False


class Listing(NamedTuple, Generic[R]):
    """The definition of an ordered list of rows, from which pages are read.

    `shape` reads the rows. `source` is the SQL text after FROM. `branches` is None if the list is one range of an
    index; otherwise the list is merged from these branches.
    """

    shape: RowMapper[R]
    source: str | Sql
    order: Order
    branches: Branches | None = None
