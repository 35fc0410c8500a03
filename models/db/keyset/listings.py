"""The definition of an ordered list, and of the part of the list to read."""

from __future__ import annotations

from typing import Generic, NamedTuple

from models.db.keyset.branches import Branches
from models.db.keyset.spans import Order, Position
from models.db.rows import R, RowMapper
from models.db.sql import Sql


class Window(NamedTuple):
    """The part of an ordered list to read: the first `size` rows after `position`, or the last rows before it.

    - `position`: the sort values of a row. None means the start of the list, or its end if `backward`.
    - `backward`: whether to read the last `size` rows before `position`.
    """

    size: int
    position: Position | None = None
    backward: bool = False


class Listing(NamedTuple, Generic[R]):
    """The definition of an ordered list of rows, from which pages are read.

    - `shape`: the mapper that reads the rows.
    - `source`: the SQL text after FROM.
    - `branches`: the branches from which the list is merged. None if the list is one range of an index instead.
    """

    shape: RowMapper[R]
    source: str | Sql
    order: Order
    branches: Branches | None = None
