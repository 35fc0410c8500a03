"""Partial indexes: indexes of the rows that meet a condition."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tortoise.indexes import Index


class PartialIndex(Index):
    """An index of the rows that meet the condition `where`, in SQL that is valid in both databases.

    The database uses the index only for a statement whose own condition implies `where`:

    - Usually the statement must repeat `where` with the same literals, not with parameters.
    - If `where` is an OR, one of its operands is enough.
    - If `where` is `x IS NOT NULL`, a comparison of `x` with a value is enough.
    """

    def __init__(self, *, fields: Sequence[str], where: str, name: str) -> None:
        super().__init__(fields=list(fields), name=name)
        self.where = where
        self.extra = f" WHERE {where}"

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        path, args, given = super().deconstruct()
        return path, args, {**given, "where": self.where}
