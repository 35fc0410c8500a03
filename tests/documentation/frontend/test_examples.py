"""Every documented operation selects the id of each object that has one, because client caches find objects by id."""

from __future__ import annotations

import pytest
from graphql import (
    FieldNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    InlineFragmentNode,
    SelectionSetNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    build_schema,
    get_named_type,
    parse,
    visit,
)

from tests.documentation.frontend.examples import GRAPHIQL, GUIDE, README, SHOWN
from tests.support.processes.commands import ROOT

SCHEMA = build_schema((ROOT / "schema.graphql").read_text())


class MissingIds(Visitor):
    """Collects the fields whose objects have an id that the operation does not select."""

    def __init__(self, types: TypeInfo) -> None:
        super().__init__()
        self.found: list[str] = []
        self._types = types

    def enter_field(self, node: FieldNode, *_: object) -> None:
        type_ = get_named_type(self._types.get_type()) if self._types.get_type() else None
        has_id = isinstance(type_, GraphQLObjectType | GraphQLInterfaceType) and "id" in type_.fields
        if type_ and has_id and node.selection_set and not _selects_id(node.selection_set):
            self.found.append(f"{node.name.value} ({type_.name})")


def _selects_id(selections: SelectionSetNode) -> bool:
    return any(
        node.name.value == "id"
        if isinstance(node, FieldNode)
        else isinstance(node, InlineFragmentNode) and _selects_id(node.selection_set)
        for node in selections.selections
    )


@pytest.mark.parametrize("text", SHOWN, ids=lambda text: text.strip().split("\n")[0][:40])
def test_an_example_selects_the_id_of_every_object_that_has_one(text: str) -> None:
    types = TypeInfo(SCHEMA)
    visitor = MissingIds(types)

    visit(parse(text), TypeInfoVisitor(types, visitor))

    assert visitor.found == []


def test_examples_are_found_in_every_place() -> None:
    assert all((len(GUIDE) > 30, README, len(GRAPHIQL) > 5))
