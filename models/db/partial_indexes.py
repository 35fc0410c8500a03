"""Partial indexes: indexes of the rows that meet a condition."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tortoise.indexes import Index


class PartialIndex(Index):
    """An index of the rows that meet the condition `where`. `where` is SQL with literals, valid in both databases.

    A statement uses the index only if the statement contains this condition, or one operand of its OR, with the same
    literals. A parameter does not match a literal, but any comparison of a column implies that it IS NOT NULL.
    Tortoise's own partial index supports equality only.
    """

    def __init__(self, *, fields: Sequence[str], where: str, name: str) -> None:
        super().__init__(fields=list(fields), name=name)
        self.where = where
        self.extra = f" WHERE {where}"

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        path, args, given = super().deconstruct()
        return path, args, {**given, "where": self.where}
