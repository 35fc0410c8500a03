"""The variables that hold rows of a bulk mutation.

A bulk mutation answers each row separately. An invalid text therefore refuses only the row that contains it.
"""

from __future__ import annotations

from collections.abc import Mapping

from graphql import NamedTypeNode, OperationDefinitionNode, TypeNode

ROWS = {
    "InviteeInput": (),
    "NewUsersInput": ("invitees",),
    "InviteTarget": ("newUsers", "invitees"),
    "InviteUsersInput": ("target", "newUsers", "invitees"),
}
"""The path of fields from an input type to its rows, by input type. The type is a row itself or holds rows."""

Rows = Mapping[str, tuple[str, ...]]
"""The path of fields from a variable to its rows, by variable. Variables without rows are left out."""


def rows_in(operation: OperationDefinitionNode) -> Rows:
    """Return the variables of the operation whose declared types hold rows, each with its path."""
    found = {}
    for definition in operation.variable_definitions or ():
        path = ROWS.get(_name_of(definition.type))
        if path is not None:
            found[definition.variable.name.value] = path
    return found


def _name_of(type: TypeNode) -> str:
    while not isinstance(type, NamedTypeNode):
        type = type.type  # type: ignore[attr-defined]  # only list and non-null types have no name, and both have `type`
    return type.name.value
