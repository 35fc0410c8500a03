"""Fields that another module adds to a type."""

from __future__ import annotations

import strawberry

from api.graphql.execution import build_schema
from resolvers.core.extend import extend


@strawberry.type
class Shelf:
    label: str


@extend(Shelf)
class ShelfContents(Shelf):
    @strawberry.field
    def titles(self) -> list[str]:
        return [f"{self.label} {number}" for number in (1, 2)]


@strawberry.type
class Query:
    @strawberry.field
    def shelf(self) -> Shelf:
        return Shelf(label="Novel")


def test_an_added_field_is_resolved_on_the_extended_type() -> None:
    schema = build_schema(Query, None)

    result = schema.execute_sync("{ shelf { __typename label titles } }")

    assert result.data == {"shelf": {"__typename": "Shelf", "label": "Novel", "titles": ["Novel 1", "Novel 2"]}}


def test_an_extension_is_no_type_of_the_schema() -> None:
    schema = build_schema(Query, None)

    assert "ShelfContents" not in schema.as_str()
