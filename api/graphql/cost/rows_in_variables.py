"""The variables that hold rows of a bulk mutation, such as the users to invite.

An invalid text in a row refuses only this row, because a bulk mutation returns an outcome for each row.
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
"""For each input type with rows, the names of the fields that lead to the rows.

For example, the rows of a NewUsersInput are in its field `invitees`. An InviteeInput is itself a row.
"""

Rows = Mapping[str, tuple[str, ...]]
"""For each variable with rows, the names of the fields that lead from the variable to the rows."""


def rows_in(operation: OperationDefinitionNode) -> Rows:
    """Return the fields that lead from each variable to its rows, such as `{"input": ("invitees",)}`.

    A variable without rows is left out.
    """
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
