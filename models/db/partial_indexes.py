"""Indexes of some rows of a table only: those that a condition holds for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tortoise.indexes import Index


class PartialIndex(Index):
    """An index of the rows for which `where` holds: SQL with literals, the same on both databases.

    A statement uses it only when it names the condition in the same literals, or one side of its OR; a parameter does
    not do. Tortoise's own partial index knows equality alone.
    """

    def __init__(self, *, fields: Sequence[str], where: str, name: str) -> None:
        super().__init__(fields=list(fields), name=name)
        self.where = where
        self.extra = f" WHERE {where}"

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        path, args, given = super().deconstruct()
        return path, args, {**given, "where": self.where}
