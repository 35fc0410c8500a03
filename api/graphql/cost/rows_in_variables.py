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
"""Maps the name of each variable with rows to the path of the rows in its value, such as `("newUsers", "invitees")`."""


def rows_in(operation: OperationDefinitionNode) -> Rows:
    """Return the path from each variable to its list of rows, keyed by the variable's name.

    For example, `{"input": ("invitees",)}` says that the rows are in the field `invitees` of `$input`. A variable
    without rows is left out.
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
