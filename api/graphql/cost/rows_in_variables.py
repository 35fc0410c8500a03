"""The variables that hold rows with an outcome each: an invalid text in a row fails that row, not the request."""

from __future__ import annotations

from collections.abc import Mapping

from graphql import NamedTypeNode, OperationDefinitionNode, TypeNode

ROWS = {"InviteeInput": (), "InviteUsersInput": ("invitees",)}
"""The input types that are a row or hold rows, each with the fields that lead from it to them."""

Rows = Mapping[str, tuple[str, ...]]
"""For each variable with rows, the fields that lead from it to them."""


def rows_in(operation: OperationDefinitionNode) -> Rows:
    """Return which variables of the operation hold rows, by their declared types."""
    found = {}
    for definition in operation.variable_definitions or ():
        path = ROWS.get(_name_of(definition.type))
        if path is not None:
            found[definition.variable.name.value] = path
    return found


def _name_of(type: TypeNode) -> str:
    while not isinstance(type, NamedTypeNode):
        type = type.type  # type: ignore[attr-defined]  # a list or a non-null type
    return type.name.value
