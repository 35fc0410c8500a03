"""The declaration of the fields of a type that show columns of a row."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

import pytest
import strawberry

from resolvers.core.global_ids import global_id
from resolvers.core.row_fields import BESIDE_ROW, from_columns, other_id, shown, shown_fields, shows

ID, OTHER = UUID(int=1), UUID(int=2)


class Size(StrEnum):
    SMALL = "SMALL"


@strawberry.enum
class ShownSize(StrEnum):
    SMALL = "SMALL"


class BoxRow(NamedTuple):
    id: UUID
    owner_id: UUID | None
    size: Size
    first: str
    last: str


ROW = BoxRow(ID, OTHER, Size.SMALL, "Ada", "Lovelace")


def test_an_object_is_made_from_the_row_as_declared() -> None:
    @shows(BoxRow, owner_id=other_id("Owner", "owner_id"), label=from_columns(lambda a, b: f"{a} {b}", "first", "last"))
    @strawberry.type
    class Box:
        id: strawberry.ID
        owner_id: strawberry.ID | None
        size: ShownSize
        first: str
        label: str
        row: strawberry.Private[BoxRow]

    box = shown(Box, ROW, row=ROW)

    assert (box.id, box.owner_id) == (global_id("Box", ID), global_id("Owner", OTHER))
    assert (box.size, box.first, box.label, box.row) == (ShownSize.SMALL, "Ada", "Ada Lovelace", ROW)
    assert shown(Box, ROW._replace(owner_id=None), row=ROW).owner_id is None
    assert shown_fields(Box)["label"].columns == ("first", "last")


def test_a_field_beside_the_row_is_given_by_the_caller() -> None:
    @shows(BoxRow, is_open=BESIDE_ROW)
    @strawberry.type
    class OpenBox:
        first: str
        is_open: bool

    assert shown(OpenBox, ROW, is_open=True).is_open
    assert "is_open" not in shown_fields(OpenBox)


def test_a_field_without_a_column_needs_a_declaration() -> None:
    @strawberry.type
    class Lid:
        first: str
        weight: int

    with pytest.raises(TypeError, match="no declaration of \\['weight'\\]"):
        shows(BoxRow)(Lid)


def test_a_declared_column_must_exist() -> None:
    @strawberry.type
    class Crate:
        weight: int

    with pytest.raises(TypeError, match="no columns \\['mass'\\]"):
        shows(BoxRow, weight=from_columns(None, "mass"))(Crate)
