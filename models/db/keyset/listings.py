"""Definitions of ordered lists, and of the part of a list to read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic

from models.db.keyset.branches import Branches
from models.db.keyset.spans import Order, Position
from models.db.rows import R, RowMapper
from models.db.sql import Sql


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
class Listing(Generic[R]):
    """The definition of a list of rows: the columns, the SQL source and the order.

    If `branches` is not None, the list is merged from these branches.
    """

    shape: RowMapper[R]
    source: str | Sql
    order: Order
    branches: Branches | None = None
