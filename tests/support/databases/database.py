"""The database of a test, and the kinds of databases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pytest

DatabaseKind = Literal["sqlite", "postgres"]

KINDS: tuple[DatabaseKind, ...] = ("sqlite", "postgres")

on_sqlite = pytest.mark.parametrize("closed_db", ["sqlite"], indirect=True)
"""Marks a test of behaviour that only SQLite has."""

on_postgres = pytest.mark.parametrize("closed_db", ["postgres"], indirect=True)
"""Marks a test of behaviour that only PostgreSQL has."""


@dataclass(frozen=True)
class Database:
    kind: DatabaseKind
    url: str
